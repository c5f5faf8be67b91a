/** Steps that tests of the whole app share: set up a vault, seal, ask, tap. All through the app contract. */
import { createHub, type Client, type EventListeners } from '../../shared/contracts/contract.ts'
import type { Port } from '../../shared/contracts/port.ts'
import { revealContract } from '../../shared/contracts/reveal.ts'
import { sealContract, type EnteredField } from '../../shared/contracts/seal.ts'
import { utf8 } from '../../shared/bytes.ts'
import type { CredentialKind } from '../../shared/domain/credential.ts'
import type { SafePolicy } from '../../shared/domain/manifest.ts'
import { newId, startNodeApp, type NodeApp, type Starters } from './node-app.ts'
import { createSoftwareKey, type SoftwareKey } from './software-key.ts'
import { createSoftwareTapPage, type SoftwareTapPage } from './software-tap-page.ts'

export interface TestPerson {
  readonly id: string
  readonly name: string
  readonly keys: readonly SoftwareKey[]
}

export interface JourneyApp {
  readonly app: NodeApp
  readonly tap: SoftwareTapPage
  /** The newest port of the seal or reveal page. */
  readonly page: (kind: 'seal' | 'reveal') => Promise<Port>
}

/** Starts the whole app with a software tap page. */
export async function startJourney(starters: Starters, chooseFolder?: () => string | null): Promise<JourneyApp> {
  const tap = createSoftwareTapPage()
  const opened = new Map<'seal' | 'reveal', Port>()
  const waiting = new Map<'seal' | 'reveal', (port: Port) => void>()
  const app = await startNodeApp(
    starters,
    (kind, port) => {
      if (kind === 'tap') {
        tap.attach(port)
        return
      }
      const taker = waiting.get(kind)
      waiting.delete(kind)
      if (taker === undefined) opened.set(kind, port)
      else taker(port)
    },
    chooseFolder,
  )
  return {
    app,
    tap,
    page: (kind) =>
      new Promise((resolve) => {
        const ready = opened.get(kind)
        opened.delete(kind)
        if (ready === undefined) waiting.set(kind, resolve)
        else resolve(ready)
      }),
  }
}

export const usualPolicy: SafePolicy = {
  windowSecondsMin: 15,
  windowSecondsMax: 600,
  requesterMayTap: true,
  copyAllowed: false,
}

export interface ReadyVault {
  readonly custodians: readonly TestPerson[]
  /** Asks only; in no safe. */
  readonly requester: TestPerson
  readonly safe: string
}

/** What everybody enters where a safe asks for a passphrase. */
export const passphraseOf = ({ name }: Pick<TestPerson, 'name'>): string => `kedgeree lantern of ${name}`

async function enrol(journey: JourneyApp, person: TestPerson, prf: boolean, passphrase: boolean): Promise<void> {
  for (const key of person.keys) {
    if (passphrase) journey.tap.chosen.push(passphraseOf(person))
    // create, then two gets (one where no PRF is needed)
    for (let touch = 0; touch < (prf ? 3 : 2); touch++) journey.tap.touch(key)
  }
  const { operation } = await journey.app.call['setup.enrol']({
    person: person.id,
    labels: person.keys.map((_, index) => `Key ${String(index + 1)}`),
  })
  await finish(journey, operation)
}

/** Waits for the end of an operation that must succeed. */
export async function finish(journey: JourneyApp, operation: string): Promise<void> {
  const state = await journey.app.until(
    (now) => now.operation === null && now.lastOutcome?.operation === operation,
    `end of operation ${operation}`,
  )
  if (state.lastOutcome?.result !== 'done')
    throw new Error(`operation ended ${String(state.lastOutcome?.result)} ${String(state.lastOutcome?.code)}`)
}

/** Sets up a vault with one safe; the first custodian has a backup key. */
export async function setUpVault(
  journey: JourneyApp,
  options: { readonly n?: number; readonly k?: number; readonly policy?: SafePolicy } = {},
): Promise<ReadyVault> {
  const { n = 5, k = 3, policy = usualPolicy } = options
  const makePerson = (name: string, keys: number): TestPerson => ({
    id: newId(),
    name,
    keys: Array.from({ length: keys }, () => createSoftwareKey()),
  })
  const custodians = Array.from({ length: n }, (_, index) =>
    makePerson(`Custodian ${String(index + 1)}`, index === 0 ? 2 : 1),
  )
  const requester = makePerson('Rita Request', 1)
  const safe = newId()
  const { call } = journey.app
  await call['setup.begin']({ vaultName: 'Test vault', stationName: 'Test station' })
  await call['setup.plan']({
    people: [
      ...custodians.map(({ id, name }) => ({ id, name, roles: ['custodian' as const, 'requester' as const] })),
      { id: requester.id, name: requester.name, roles: ['requester' as const] },
    ],
    safes: [{ id: safe, name: 'Safe one', threshold: k, custodians: custodians.map(({ id }) => id), policy }],
    quorum: k,
  })
  for (const person of custodians) await enrol(journey, person, true, policy.passphrase === true)
  await enrol(journey, requester, false, false)
  for (const person of custodians) journey.tap.touch({ key: firstKey(person), passphrase: passphraseOf(person) })
  const { operation } = await call['setup.acknowledge']({})
  await finish(journey, operation)
  await journey.app.until((state) => state.phase === 'ready')
  drainFeedback(journey)
  return { custodians, requester, safe }
}

export const firstKey = (person: TestPerson): SoftwareKey => {
  const [key] = person.keys
  if (key === undefined) throw new Error('this person has no key')
  return key
}

function drainFeedback(journey: JourneyApp): void {
  journey.tap.forget()
}

/** A text field. */
export const textField = (label: string, value: string, secret = true): EnteredField => ({
  label,
  type: 'text',
  secret,
  value: utf8(value),
  totp: null,
  fileName: null,
})

/** Seals a credential and returns its id. */
export async function sealCredential(
  journey: JourneyApp,
  vault: ReadyVault,
  fields: EnteredField[],
  options: {
    readonly name?: string
    readonly kind?: CredentialKind
    readonly credential?: string
    readonly rotationNote?: string
  } = {},
): Promise<string> {
  const sealer = vault.custodians[0]
  if (sealer === undefined) throw new Error('no custodian')
  const { call } = journey.app
  const { operation } = await call['credential.seal']({
    credential: options.credential ?? null,
    safe: vault.safe,
    name: options.name ?? 'Cloud root',
    kind: options.kind ?? 'login',
    requesters: [vault.requester.id, ...vault.custodians.map(({ id }) => id)],
    rotationDays: 90,
    ...(options.rotationNote === undefined ? {} : { rotationNote: options.rotationNote }),
    person: sealer.id,
  })
  const page = createHub(await journey.page('seal')).connect(sealContract, {})
  await page.call.begin({})
  journey.tap.touch(firstKey(sealer))
  await page.call.submit({ runbook: utf8('# Runbook\n\nSign in, then rotate.'), fields })
  await finish(journey, operation)
  journey.tap.forget()
  const sealed = await call['credentials.list']({})
  const found = sealed.find(({ name }) => name === (options.name ?? 'Cloud root'))
  if (found === undefined) throw new Error('the sealed credential is not listed')
  return found.id
}

/** Opens a request; its strongroom then waits for the requester's tap. */
export async function openRequest(
  journey: JourneyApp,
  requester: TestPerson,
  credential: string,
  windowSeconds = 60,
): Promise<string> {
  const { operation } = await journey.app.call['request.open']({
    credential,
    requester: requester.id,
    reason: 'The identity provider is down and nobody can sign in.',
    incident: 'INC-2041',
    windowSeconds,
  })
  return operation
}

/** The reveal page of the running request, with what it was told. */
export async function revealPage(
  journey: JourneyApp,
  listeners: Partial<EventListeners<typeof revealContract>> = {},
): Promise<Client<typeof revealContract>> {
  const hub = createHub(await journey.page('reveal'))
  return hub.connect(revealContract, { tick: () => undefined, ended: () => undefined, ...listeners }).call
}
