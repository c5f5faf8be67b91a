/**
 * What may stand in an archive that is judged: only what every tool unpacks to the same files. A member that one tool takes for a
 * file and another for a link, a new name or nothing would let an archive be judged intact that holds another log for whoever unpacks it.
 */
import { fromUtf8 } from '../bytes.ts'

/** What pax records may say: times, owners, and what systems keep beside a file. Never its name, its size, or that it has holes. */
const harmlessKey =
  /^(?:[acm]time|[ug]id|[ug]name|comment|LIBARCHIVE\.(?:creationtime|xattr\..*)|SCHILY\.(?:dev|ino|nlink|fflags|xattr\..*|acl\..*)|RHT\.security\..*)$/s

/** True when these are pax records ("length key=value\n"), all of them harmless. */
export function isHarmlessPax(records: Uint8Array): boolean {
  for (let at = 0; at < records.length;) {
    const space = records.indexOf(0x20, at)
    const digits = space === -1 ? '' : String.fromCharCode(...records.subarray(at, Math.min(space, at + 8)))
    const end = at + Number(digits)
    if (!/^[1-9][0-9]{0,5}$/.test(digits) || end > records.length || end <= space || records[end - 1] !== 0x0a)
      return false
    const equals = records.indexOf(0x3d, space)
    if (equals === -1 || equals >= end) return false
    try {
      if (!harmlessKey.test(fromUtf8(records.subarray(space + 1, equals)))) return false
    } catch {
      return false
    }
    at = end
  }
  return true
}

/** The name of a member without the "./" before it; null when a system could take it for another place. */
export function plainMemberName(name: string): string | null {
  const plain = name.replace(/^(?:\.\/)+/, '')
  // eslint-disable-next-line no-control-regex -- control characters are what some tools drop from names
  if (/[\\:\u0000-\u001f\u007f\ufffd]/.test(plain)) return null
  // Windows drops dots and spaces at the end of a name.
  return plain.split('/').every((part) => part !== '' && !/[. ]$/.test(part)) ? plain : null
}

/** Names that some file system takes for the same one have the same key. */
export const memberKey = (name: string): string =>
  name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
