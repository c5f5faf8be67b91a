/** Names for the ids that people never see. */
import type { Entry } from '../../shared/audit/entry.ts'
import type { AppState, CredentialView } from '../../shared/contracts/app.ts'
import type { Names } from '../../shared/audit/entry-sentences.ts'
import { sentenceFor } from '../ui/sentences.ts'

/** The names known from the vault's state, its credentials, and the entries at hand (they name what is gone by now). */
export function createNames(state: AppState, credentials: readonly CredentialView[], entries: readonly Entry[]): Names {
  const people = new Map(state.persons.map(({ id, name }) => [id, name]))
  const safes = new Map(state.safes.map(({ id, name }) => [id, name]))
  const sealed = new Map<string, string>()
  const requests = new Map<string, string>()
  for (const entry of entries) {
    if (entry.actor.kind === 'person') people.set(entry.actor.id, entry.actor.name)
    if (entry.type === 'key.enrolled') people.set(entry.data.person, entry.data.name)
    if (entry.type === 'credential.sealed') sealed.set(entry.data.credential, entry.data.name)
    if (entry.type === 'request.opened') {
      requests.set(entry.data.statement.request, entry.data.credentialName)
      sealed.set(entry.data.statement.credential, entry.data.credentialName)
    }
  }
  for (const { id, name } of credentials) sealed.set(id, name)
  for (const { request, credentialName } of state.owed) requests.set(request, credentialName)
  for (const person of state.setup?.plan.people ?? []) people.set(person.id, person.name)
  return {
    person: (id) => people.get(id) ?? 'somebody no longer listed',
    credential: (id) => sealed.get(id) ?? 'a credential',
    request: (id) => requests.get(id) ?? 'a credential',
    safe: (id) => safes.get(id) ?? 'a safe',
    failure: sentenceFor,
  }
}
