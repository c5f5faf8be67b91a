/** Which entries a selection means (docs/format.md, section 6, "Parts"). */
import type { Selection } from '../domain/selection.ts'
import type { LogHead } from '../domain/statements.ts'

/** As much of an entry as choosing it needs; sound or not. */
export interface SelectableEntry {
  readonly at: string
  readonly type: string
  readonly actor: unknown
  readonly data: unknown
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Below any entry's depth; what is deeper is not ours. */
const depthMax = 12

/** True when the string `id` is a value anywhere in `value`. */
const holdsId = (value: unknown, id: string, depth = 0): boolean =>
  value === id ||
  (isObject(value) && depth < depthMax && Object.values(value).some((inner) => holdsId(inner, id, depth + 1)))

/** True when the entry is one that was asked for. */
export function isSelected(selection: Selection, { at, actor, data }: SelectableEntry): boolean {
  switch (selection.kind) {
    case 'period':
      return at >= selection.from && at <= selection.to
    case 'credential':
      return holdsId(data, selection.credential)
    case 'person':
      return holdsId(actor, selection.person) || holdsId(data, selection.person)
  }
}

/** In every part: without them neither the station's key nor anybody's security key can be followed. */
const alwaysShown: ReadonlySet<string> = new Set([
  'vault.created',
  'log.key-rotated',
  'key.enrolled',
  'manifest.signed',
  'manifest.changed',
  'export.made',
])
export const isAlwaysShown = (type: string): boolean => alwaysShown.has(type)

const stringOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const memberOf = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined)

/** What ties an entry to others. */
export interface Ties {
  /** The request or ceremony that it belongs to: shown with all its entries or not at all. */
  readonly group: string | undefined
  /** The credential that was sealed or asked for: shown with everything that became of its records. */
  readonly credential: string | undefined
  /** The joint statement that it is, is a tap on, or rests on. */
  readonly act: string | undefined
}

/** What becomes of a credential's records. */
const recordTypes: ReadonlySet<string> = new Set(['credential.sealed', 'credential.resealed', 'credential.destroyed'])
export const isRecordType = (type: string): boolean => recordTypes.has(type)

/**
 * Shown with whatever rests on the same joint statement. Not so `credential.resealed`: one credential's does not call for those
 * of all others that changed hands with it.
 */
const jointTypes: ReadonlySet<string> = new Set(['joint.opened', 'joint.signed', 'proof.passed', 'ceremony.closed'])
export const isJointType = (type: string): boolean => jointTypes.has(type)

/** The ties of an entry, whether its other members are sound or not. */
export function tiesOf({ type, data }: Pick<SelectableEntry, 'type' | 'data'>): Ties {
  const statement = memberOf(data, 'statement')
  const isOpened = type === 'request.opened' || type === 'request.resumed'
  const isJoint = type === 'joint.opened'
  const about = isOpened ? statement : isRecordType(type) ? data : undefined
  const group = isOpened
    ? memberOf(statement, 'request')
    : isJoint
      ? memberOf(memberOf(statement, 'detail'), 'ceremony')
      : (memberOf(data, 'request') ?? memberOf(data, 'ceremony'))
  const act = isJoint ? memberOf(statement, 'act') : memberOf(data, 'act')
  return { group: stringOf(group), credential: stringOf(memberOf(about, 'credential')), act: stringOf(act) }
}

function headOf(value: unknown): LogHead | undefined {
  const [size, root] = [memberOf(value, 'size'), memberOf(value, 'root')]
  return typeof size === 'number' && typeof root === 'string' ? { size, root } : undefined
}

/** Heads of the log that an entry speaks of, in the order in which a part proves them. */
export function headsOf({ type, data }: Pick<SelectableEntry, 'type' | 'data'>): readonly LogHead[] {
  const heads = [
    type === 'export.made' ? headOf(data) : undefined,
    headOf(memberOf(memberOf(data, 'statement'), 'head')),
    headOf(memberOf(memberOf(memberOf(data, 'signed'), 'statement'), 'head')),
    type === 'minutes.written' ? headOf(memberOf(memberOf(data, 'minutes'), 'headAfter')) : undefined,
  ]
  return heads.filter((head) => head !== undefined)
}
