/** A script before its ceremony: to read beforehand, and to fill in by hand where somebody wants paper beside the screen. */
import type { ReactNode } from 'react'
import type { PrintedOf } from '../../shared/contracts/print.ts'
import { formatMoment } from '../ui/time.ts'
import { nameIn, PrintedHash, Signatures } from './parts.tsx'
import { roleNames } from '../ui/role-names.ts'

type Props = { readonly printed: PrintedOf<'script'> }

/** The script. */
export function Script({ printed }: Props): ReactNode {
  const { draft, lead, witnesses, people, head } = printed
  return (
    <>
      <p className="kind">Script of a ceremony, not yet opened</p>
      <h1>{draft.title}</h1>
      <dl className="facts">
        <dt>Vault</dt>
        <dd>{printed.vaultName}</dd>
        <dt>Station</dt>
        <dd>{printed.stationName}</dd>
        <dt>Lead</dt>
        <dd>{lead}</dd>
        <dt>Witnesses</dt>
        <dd>{witnesses.length === 0 ? 'none' : witnesses.join(', ')}</dd>
        <dt>Printed</dt>
        <dd>{formatMoment(printed.madeAt)}</dd>
      </dl>
      <p className="small">
        The script that counts is the one that the lead signs on the screen. When something is due in the meantime, the
        two differ: follow the screen.
      </p>
      <h2>Steps</h2>
      <table className="steps script">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">What to do</th>
            <th scope="col">Who</th>
            <th scope="col">Initials</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {draft.script.map(({ title, instruction, role, person }, index) => (
            <tr key={index}>
              <td className="number">{index + 1}</td>
              <td>
                <p>
                  <strong>{title}</strong>
                </p>
                <p className="small note">{instruction}</p>
              </td>
              <td>{person === null ? (role === 'all' ? 'Everybody' : roleNames[role]) : nameIn(people, person)}</td>
              <td className="empty" aria-label="to be filled in by hand" />
              <td className="empty" aria-label="to be filled in by hand" />
            </tr>
          ))}
        </tbody>
      </table>
      <h2>Exceptions (what happened, who decided)</h2>
      <div className="lines" aria-label="to be filled in by hand" />
      <h2>Head of the log when this was printed</h2>
      <PrintedHash title="Head" about={`${String(head.size)} entries`} hash={head.root} words={head.words} />
      <Signatures title="Signatures" names={[lead, ...witnesses]} />
    </>
  )
}
