/** `README.txt`: what lies here and how to check it, for whoever finds it. Nothing reads it and nothing vouches for it alone. */
import { exportFiles } from '../../../shared/audit/export.ts'
import { fromBase64Url, toHex } from '../../../shared/bytes.ts'
import type { WrittenFile } from './export-target.ts'
import { verifierFiles } from './export-kit.ts'
import { reportFiles } from './report-files.ts'
import type { ReportFacts } from './pdf-report.ts'

const descriptions: Readonly<Record<string, string>> = {
  [exportFiles.description]: 'what this export is, with the SHA-256 of every other file, signed by the station',
  [exportFiles.log]: 'every entry, one per line, exactly the bytes that were hashed',
  [exportFiles.entries]: 'the entries shown, one per line, exactly the bytes that were hashed',
  [exportFiles.proofs]: 'for each of them the proof that it is in the log (RFC 6962)',
  [exportFiles.checkpoints]: 'signed tree heads (C2SP tlog-checkpoint), one after another',
  [exportFiles.manifests]: 'who holds what, every version, with the taps that signed it',
  [reportFiles.table]: 'the entries as a table, for spreadsheets; an apostrophe stands before what could be a formula',
  [reportFiles.ceremonies]: 'the ceremonies, one a line; their minutes are in the log',
  [reportFiles.report]: 'the same for reading and printing',
  [verifierFiles.page]: 'checks this export: open it in any browser, without a network',
  [verifierFiles.program]: 'checks this export: node verify.mjs THIS-FOLDER-OR-FILE (Node 18 or later)',
}

const nameWidth = 16

const listFiles = (names: readonly string[]): string =>
  names.map((name) => `${name.padEnd(nameWidth)} ${descriptions[name] ?? ''}`).join('\n')

const verification = `FILE is a checkpoint of this log that you received earlier by another way (an earlier export's ${exportFiles.checkpoints} will do).
Without it, verification can say whether this copy is intact, but not whether it is all there. This text is not to be
believed: believe what the verification says, not what stands here.`

const verifierHashes = (files: readonly WrittenFile[]): string => {
  const verifiers = files.filter(({ name }) => Object.values<string>(verifierFiles).includes(name))
  if (verifiers.length === 0) return ''
  const hashes = verifiers.map(({ name, sha256 }) => `    ${toHex(fromBase64Url(sha256))}  ${name}`).join('\n')
  return `
A VERIFIER THAT COMES WITH THE EVIDENCE PROVES NOTHING to somebody who distrusts the sender. Then take verify.html or
verify.mjs from your own copy of Halligan, or from an earlier export that you trust, and compare; here they have the SHA-256

${hashes}
`
}

/** @param files every file of the export that was written before this one */
export const exportReadme = (facts: ReportFacts, files: readonly WrittenFile[]): string =>
  `Audit log of the Halligan vault "${facts.vaultName}"

Content    ${facts.selection}
Exported   ${facts.at}
By         ${facts.signedBy ?? 'the command line, signed by nobody'}
Vault      ${facts.vault}
Station    ${facts.station}
Entries    ${facts.entries} here, of a log of ${facts.head.size}
Root       ${facts.head.root}
Head words ${facts.words.join(' ')}

${listFiles([exportFiles.description, ...files.map(({ name }) => name)])}

Verify it on a machine that you trust: open ${verifierFiles.page}, or

    node ${verifierFiles.program} . --known-checkpoint FILE
    halligan verify THIS-FOLDER-OR-FILE --known-checkpoint FILE

${verification}
${verifierHashes(files)}
No file here holds a secret. They hold names, reasons and times: treat them as internal.
`

export const damagedReadme = (vaultName: string, at: string): string =>
  `Audit log of the Halligan vault "${vaultName}", as it stands in a damaged vault

Exported   ${at}

The vault does not verify, so nothing here was checked, and THIS EXPORT IS NOT RECORDED IN THE LOG.

${exportFiles.log.padEnd(nameWidth)} every entry as it is stored, one per line; an empty line where one cannot be read
${exportFiles.checkpoints.padEnd(nameWidth)} every signed tree head that was kept
${exportFiles.manifests.padEnd(nameWidth)} who holds what, every version, as stored

Verify it on a machine that you trust, against a checkpoint that you received earlier by another way:

    halligan verify THIS-FOLDER-OR-FILE --known-checkpoint FILE

No file here holds a secret. They hold names, reasons and times: treat them as internal.
`
