/** Which entries a part shows: those asked for and what their check needs (docs/format.md, section 6, "Parts"). */
import type { Selection } from '../domain/selection.ts'
import { isAlwaysShown, isSelected, tiesOf, type SelectableEntry } from './selection.ts'

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

/** Takes a million entries in 16 bytes each: a later one may need an earlier one, so the choice is made at the end. */
export function createPartChoice(selection: Selection): PartChoice {
  const numberOf = createNumbering()
  const requests = createNumberList()
  const credentials = createNumberList()
  const seals = createNumberList()
  const reasons = createNumberList()
  let size = 0

  return {
    add: (entry) => {
      const { request, credential } = tiesOf(entry)
      const credentialNumber = numberOf(credential)
      requests.push(numberOf(request))
      credentials.push(credentialNumber)
      seals.push(entry.type === 'credential.sealed' ? credentialNumber : 0)
      reasons.push((isSelected(selection, entry) ? chosen : 0) | (isAlwaysShown(entry.type) ? always : 0))
      size++
    },
    finish: () => {
      const wantedRequests = new Set<number>()
      const wantedCredentials = new Set<number>()
      const shown: number[] = []
      let selected = 0
      for (let at = 0; at < size; at++) {
        if ((reasons.at(at) & chosen) === 0) continue
        selected++
        wantedRequests.add(requests.at(at))
      }
      wantedRequests.delete(0)
      const isWanted = (at: number): boolean => reasons.at(at) !== 0 || wantedRequests.has(requests.at(at))
      for (let at = 0; at < size; at++) if (isWanted(at)) wantedCredentials.add(credentials.at(at))
      wantedCredentials.delete(0)
      for (let at = 0; at < size; at++) if (isWanted(at) || wantedCredentials.has(seals.at(at))) shown.push(at)
      return { shown, selected }
    },
  }
}
