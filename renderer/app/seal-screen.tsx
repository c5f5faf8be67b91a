/** What everybody may know of a credential: its name, kind, safe, who may ask for it. The secret is not entered here. */
import { useState, type ReactNode } from 'react'
import type { CredentialView } from '../../shared/contracts/app.ts'
import { credentialKindSchema } from '../../shared/domain/credential.ts'
import { limits } from '../../shared/limits.ts'
import { Button } from '../ui/button.tsx'
import { ChooseMany } from '../ui/choices.tsx'
import { kindNames } from '../../shared/audit/entry-sentences.ts'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { NumberField } from '../ui/number-field.tsx'
import { Select } from '../ui/select.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { focusFirstInvalid } from '../ui/focus-invalid.ts'
import { Screen } from './screen.tsx'
import { RotationNoteField } from './rotation-note-field.tsx'
import { draftOf, findNoteProblem, tidyNote, type SealDraft } from './seal-draft.ts'
import { useModel, useStore, useVaultState } from './use-app.ts'

const kinds = credentialKindSchema.options.map((id) => ({ id, name: kindNames[id] }))

/** The draft of what is sealed: what was entered and did not come to be sealed, or the version before. */
function useDraft(credential: CredentialView | null) {
  const { persons, safes } = useVaultState()
  const { sealDraft } = useModel()
  const askers = persons.filter(({ roles }) => roles.includes('requester'))
  return useState<SealDraft>({
    name: '',
    kind: 'login',
    safe: safes.length === 1 ? (safes[0]?.id ?? null) : null,
    requesters: askers.map(({ id }) => id),
    rotationDays: 90,
    rotationNote: '',
    person: null,
    ...draftOf(credential),
    ...(sealDraft?.credential === (credential?.id ?? null) ? sealDraft.draft : {}),
  })
}

/** The form for a new credential, or for a new version of `credential`. */
export function SealScreen({ credential }: { readonly credential: CredentialView | null }): ReactNode {
  const { persons, safes } = useVaultState()
  const { call, go, keepDraft } = useStore()
  const { run, busy, error } = useAction()
  const [draft, setDraft] = useDraft(credential)
  const [missing, setMissing] = useState(false)
  const set = (change: Partial<typeof draft>): void => setDraft({ ...draft, ...change })
  const askers = persons.filter(({ id, roles }) => roles.includes('requester') || draft.requesters.includes(id))
  const sealers = persons.filter(
    ({ keys, roles }) => keys.length > 0 && (roles.includes('custodian') || roles.includes('lead')),
  )
  const submit = (): void => {
    const { safe, person } = draft
    const name = draft.name.trim().replace(/\s+/g, ' ')
    const isShort = safe === null || person === null || name === '' || draft.requesters.length === 0
    if (isShort || findNoteProblem(draft.rotationNote) !== null) {
      setMissing(true)
      return
    }
    const { kind, requesters, rotationDays } = draft
    const rotationNote = tidyNote(draft.rotationNote)
    keepDraft({ credential: credential?.id ?? null, draft })
    void run(() =>
      call['credential.seal']({
        credential: credential?.id ?? null,
        safe,
        name,
        kind,
        requesters: [...requesters],
        rotationDays,
        ...(rotationNote === '' ? {} : { rotationNote }),
        person,
      }),
    )
  }
  const safeName = safes.find(({ id }) => id === draft.safe)?.name ?? ''
  return (
    <Screen
      title={credential === null ? 'Seal a credential' : `Seal a new version: ${credential.name}`}
      lead="Only what everybody may know; the secret itself is entered in another window."
    >
      <form
        className="stack measure"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
          focusFirstInvalid(event.currentTarget)
        }}
      >
        <TextField
          label="Name"
          hint="People look for this under stress, so name the thing it opens. For example: AWS root account"
          value={draft.name}
          onChange={(name) => set({ name })}
          max={limits.nameLength}
          error={missing && draft.name.trim() === '' ? 'Give it a name.' : null}
        />
        {credential === null ? (
          <div className="two">
            <Select label="Kind" options={kinds} value={draft.kind} onChange={(kind) => set({ kind })} />
            <Select
              label="Safe"
              options={safes.map((safe) => ({
                id: safe.id,
                name: `${safe.name} (${safe.threshold} of ${safe.custodians.length})`,
              }))}
              value={draft.safe}
              onChange={(safe) => set({ safe })}
              error={missing && draft.safe === null ? 'Choose a safe.' : null}
            />
          </div>
        ) : (
          <Notice tone="info">
            <p>
              {kindNames[credential.kind]} in {safeName}. This will be version {credential.version + 1}; older versions
              can no longer be asked for.
            </p>
          </Notice>
        )}
        <ChooseMany
          label="Who may ask for it?"
          hint="Pre-approved people. They still need the custodians to open it."
          options={askers}
          value={draft.requesters}
          onChange={(requesters) => set({ requesters })}
          error={missing && draft.requesters.length === 0 ? 'Choose at least one person.' : null}
        />
        <div className="two">
          <NumberField
            label="Rotate every … days"
            value={draft.rotationDays}
            onChange={(rotationDays) => set({ rotationDays })}
            min={1}
            max={limits.rotationDaysMax}
          />
          <Select
            label="Who seals it?"
            hint="A custodian or lead; their key signs."
            options={sealers}
            value={draft.person}
            onChange={(person) => set({ person })}
            placeholder="Choose the person"
            error={missing && draft.person === null ? 'Choose who seals; that person’s key signs.' : null}
          />
        </div>
        <RotationNoteField value={draft.rotationNote} onChange={(rotationNote) => set({ rotationNote })} />
        {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
        <div className="row">
          <Button look="primary" type="submit" isDisabled={busy}>
            Enter the secret
          </Button>
          <Button
            look="quiet"
            onPress={() => {
              keepDraft(null)
              go({ name: 'credentials' })
            }}
          >
            Go back
          </Button>
        </div>
      </form>
    </Screen>
  )
}
