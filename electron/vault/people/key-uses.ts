/** When each security key last proved itself, as the log has it. */
import type { Entry, EntryType } from '../../../shared/audit/entry.ts'

export interface KeyUse {
  readonly at: string
  /** Its signature counter went back then: perhaps there are two of it. An alert, never a lock-out. */
  readonly counterWentBack: boolean
}

/** Entry types that {@link KeyUses.apply} learns from. */
export const keyUseTypes = ['tap.accepted', 'joint.signed', 'drill.passed'] as const satisfies readonly EntryType[]

export interface KeyUses {
  readonly apply: (entry: Entry) => void
  readonly of: (credentialId: string) => KeyUse | undefined
}

export function createKeyUses(): KeyUses {
  const uses = new Map<string, KeyUse>()
  return {
    apply: ({ type, at, data }) => {
      if (type === 'tap.accepted' || type === 'joint.signed' || type === 'drill.passed') {
        uses.set(data.key, { at, counterWentBack: data.signCountWentBack })
      }
    },
    of: (credentialId) => uses.get(credentialId),
  }
}
