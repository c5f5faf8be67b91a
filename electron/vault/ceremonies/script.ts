/** The script of a ceremony, from what is asked for and how the vault stands. Pure: the same state gives the same script. */
import type { CeremonyDraft, CeremonyWish } from '../../../shared/contracts/ceremony-views.ts'
import { writeDrill, writeTableTop } from './script-drill.ts'
import { writePeopleChange } from './script-people.ts'
import { writeRotation } from './script-rotation.ts'
import type { ScriptSources } from './script-parts.ts'

/** @throws HalliganError CEREMONY_NOTHING_DUE, CHANGE_UNKNOWN, CREDENTIAL_UNKNOWN, POLICY_INVALID {field, why} */
export function writeScript(sources: ScriptSources, wish: CeremonyWish): CeremonyDraft {
  switch (wish.kind) {
    case 'rotation':
      return writeRotation(sources, wish)
    case 'people':
      return writePeopleChange(sources, wish)
    case 'drill':
      return writeDrill(sources, wish)
    case 'table-top':
      return writeTableTop(sources, wish)
  }
}
