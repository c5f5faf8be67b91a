/** Documents to print, as the vault process would hand them over. */
import { createHash } from 'node:crypto'
import type { PrintedOf } from '../../../shared/contracts/print.ts'

const idOf = (name: string): string => createHash('sha256').update(name).digest('base64url').slice(0, 21) + 'A'
const hashOf = (name: string): string => createHash('sha256').update(name).digest('base64url')
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 23, 14, minute, 10, 123)).toISOString()

const names = ['Ada Lovelace', 'Grace Hopper', 'Katherine Johnson', 'Margaret Hamilton', 'Hedy Lamarr']
export const people = names.map((name) => ({ id: idOf(name), name }))
const initials = ['AL', 'GH', 'KJ', 'MH', 'HL']

/** Minutes of a rotation of `count` steps, two of them with exceptions. */
export function cannedMinutes(count: number): PrintedOf<'minutes'> {
  const steps = Array.from({ length: count }, (_, step) => ({
    step,
    title: `Step ${String(step + 1)}: seal the new version of credential ${String(step + 1)}`,
    result: step === 4 || step === 17 ? ('excepted' as const) : ('done' as const),
    person: idOf(names[step % 5] ?? ''),
    initials: initials[step % 5] ?? 'XX',
    note: step % 7 === 3 ? 'The console took the new value at the second attempt; see the ticket.' : '',
    at: at(step),
    seq: 400 + step * 3,
  }))
  return {
    document: 'minutes',
    hash: hashOf('minutes'),
    words: ['apple', 'brick', 'cobra', 'dune'],
    beforeWords: ['early', 'flute', 'grape', 'hotel'],
    afterWords: ['ivory', 'jelly', 'kayak', 'lemon'],
    people,
    signed: names.slice(0, 4).map((name, index) => ({ person: idOf(name), name, key: 'Blue key', at: at(50 + index) })),
    minutes: {
      format: 'halligan/minutes/v1',
      vault: idOf('vault'),
      vaultName: 'Plant North',
      station: idOf('station'),
      stationName: 'Safe room laptop 1',
      ceremony: idOf('ceremony'),
      kind: 'rotation',
      title: 'Quarterly rotation, November 2026',
      lead: idOf('Ada Lovelace'),
      openedAt: at(0),
      writtenAt: at(49),
      program: { version: '0.1.0+abcdef012345', digest: hashOf('program') },
      manifestBefore: { version: 3, hash: hashOf('manifest 3') },
      manifestAfter: { version: 3, hash: hashOf('manifest 3') },
      headBefore: { size: 398, root: hashOf('before') },
      headAfter: { size: 512, root: hashOf('after') },
      participants: names.map((name, index) => ({
        person: idOf(name),
        name,
        roles: index === 0 ? ['lead', 'custodian'] : ['custodian'],
        keys: [{ credentialId: 'AAAA', label: 'Blue key' }],
        signs: index < 4,
      })),
      steps,
      exceptions: [
        {
          step: 4,
          what: 'The console of credential 5 was down for maintenance; its old version stays until Thursday.',
          decidedBy: idOf('Ada Lovelace'),
          absent: null,
          at: at(5),
          seq: 413,
        },
        {
          step: 17,
          what: 'Hedy Lamarr had to leave; her part was read by Grace Hopper.',
          decidedBy: idOf('Grace Hopper'),
          absent: idOf('Hedy Lamarr'),
          at: at(18),
          seq: 452,
        },
      ],
    },
  }
}

/** A script of `count` steps. */
export const cannedScript = (count: number): PrintedOf<'script'> => ({
  document: 'script',
  vaultName: 'Plant North',
  stationName: 'Safe room laptop 1',
  madeAt: at(0),
  lead: 'Ada Lovelace',
  witnesses: ['Grace Hopper'],
  people,
  head: { size: 398, root: hashOf('before'), words: ['early', 'flute', 'grape', 'hotel'] },
  draft: {
    kind: 'rotation',
    title: 'Quarterly rotation, November 2026',
    script: Array.from({ length: count }, (_, step) => ({
      title: `Seal the new version of credential ${String(step + 1)}`,
      instruction: 'Change the value at the provider, then enter it in the seal window. Nobody reads it aloud.',
      role: 'lead' as const,
      person: step % 3 === 0 ? null : idOf(names[step % 5] ?? ''),
      task: { kind: 'confirm' as const },
    })),
  },
})

export const cannedKit: PrintedOf<'kit'> = {
  document: 'kit',
  vaultName: 'Plant North',
  stationName: 'Safe room laptop 1',
  madeAt: at(0),
  person: 'Ada Lovelace',
  safes: [{ name: 'Outage safe', threshold: 3, custodians: 5, others: names.slice(1) }],
  keys: [
    { label: 'Blue key', model: 'YubiKey 5 Series' },
    { label: 'Backup at home', model: null },
  ],
  call: names.slice(1).map((name, index) => ({ name, roles: index === 0 ? ['custodian', 'lead'] : ['custodian'] })),
  manifest: { version: 3, hash: hashOf('manifest 3'), words: ['mango', 'night', 'ocean', 'piano'] },
}
