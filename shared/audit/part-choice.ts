/** Which entries a part shows: those asked for and what their check needs (docs/format.md, section 6, "Parts"). */
import type { Selection } from '../domain/selection.ts'
import { isAlwaysShown, isJointType, isRecordType, isSelected, tiesOf, type SelectableEntry } from './selection.ts'

export interface PartChoice {
  /** The next entry, in order. */
  readonly add: (entry: SelectableEntry) => void
  readonly finish: () => {
    /** Places (counted from 0) of the entries to show, ascending. */
    readonly shown: readonly number[]
    /** How many of them were asked for. */
    readonly selected: number
  }
}

/** Numbers for ids, so that an entry's tie is four bytes. 0: none. */
function createNumbering() {
  const numbers = new Map<string, number>()
  return (id: string | undefined): number => {
    if (id === undefined) return 0
    const known = numbers.get(id)
    if (known !== undefined) return known
    numbers.set(id, numbers.size + 1)
    return numbers.size
  }
}

/** A list of numbers that grows without boxing each. */
function createNumberList() {
  let numbers = new Uint32Array(1024)
  let count = 0
  return {
    push: (value: number): void => {
      if (count === numbers.length) {
        const larger = new Uint32Array(count * 2)
        larger.set(numbers)
        numbers = larger
      }
      numbers[count++] = value
    },
    at: (index: number): number => numbers[index] ?? 0,
  }
}

const chosen = 1
const always = 2

/** Takes a million entries in 24 bytes each: a later one may need an earlier one, so the choice is made at the end. */
export function createPartChoice(selection: Selection): PartChoice {
  const numberOf = createNumbering()
  const groups = createNumberList()
  const credentials = createNumberList()
  const records = createNumberList()
  const acts = createNumberList()
  const joints = createNumberList()
  const reasons = createNumberList()
  let size = 0

  /** The numbers of `list` at every place that `isWanted`. */
  function collect(list: ReturnType<typeof createNumberList>, isWanted: (at: number) => boolean): Set<number> {
    const found = new Set<number>()
    for (let at = 0; at < size; at++) if (isWanted(at)) found.add(list.at(at))
    found.delete(0)
    return found
  }

  return {
    add: (entry) => {
      const ties = tiesOf(entry)
      const [credential, act] = [numberOf(ties.credential), numberOf(ties.act)]
      groups.push(numberOf(ties.group))
      credentials.push(credential)
      records.push(isRecordType(entry.type) ? credential : 0)
      acts.push(act)
      joints.push(isJointType(entry.type) ? act : 0)
      reasons.push((isSelected(selection, entry) ? chosen : 0) | (isAlwaysShown(entry.type) ? always : 0))
      size++
    },
    finish: () => {
      const isChosen = (at: number): boolean => (reasons.at(at) & chosen) !== 0
      const wantedGroups = collect(groups, isChosen)
      const inGroup = (at: number): boolean => reasons.at(at) !== 0 || wantedGroups.has(groups.at(at))
      const wantedCredentials = collect(credentials, inGroup)
      const ofRecord = (at: number): boolean => inGroup(at) || wantedCredentials.has(records.at(at))
      const wantedActs = collect(acts, ofRecord)
      const shown: number[] = []
      let selected = 0
      for (let at = 0; at < size; at++) {
        if (isChosen(at)) selected++
        if (ofRecord(at) || wantedActs.has(joints.at(at))) shown.push(at)
      }
      return { shown, selected }
    },
  }
}
