/** Minutes of a ceremony: what was done, by whom, when, and how to check it. */
import { Fragment, type ReactNode } from 'react'
import type { PrintedOf } from '../../shared/contracts/print.ts'
import { leadsOf } from '../../shared/domain/ceremony.ts'
import { formatMoment } from '../ui/time.ts'
import { roleNames } from '../ui/role-names.ts'
import { hexGroups, nameIn, PrintedHash, PrintedTime, Signatures } from './parts.tsx'

type Props = { readonly printed: PrintedOf<'minutes'> }
type Exception = PrintedOf<'minutes'>['minutes']['exceptions'][number]

const kindWords = {
  rotation: 'Rotation',
  people: 'Change of people',
  drill: 'Drill',
  'table-top': 'Table-top',
} as const

function Facts({ printed: { minutes, people } }: Props): ReactNode {
  const { program } = minutes
  const leads = leadsOf(minutes)
  return (
    <dl className="facts">
      <dt>Vault</dt>
      <dd>{minutes.vaultName}</dd>
      <dt>Station</dt>
      <dd>{minutes.stationName}</dd>
      <dt>Kind</dt>
      <dd>{kindWords[minutes.kind]}</dd>
      <dt>Led by</dt>
      <dd>{leads.map((lead) => nameIn(people, lead)).join(', then ')}</dd>
      <dt>Opened</dt>
      <dd>{formatMoment(minutes.openedAt)}</dd>
      <dt>Minutes written</dt>
      <dd>{formatMoment(minutes.writtenAt)}</dd>
      <dt>Program</dt>
      <dd>
        Halligan {program.version}
        {program.digest !== null && <span className="hex block">SHA-256 {hexGroups(program.digest)}</span>}
      </dd>
      <dt>Who holds what</dt>
      <dd>
        version {minutes.manifestBefore.version} before, version {minutes.manifestAfter.version} after
      </dd>
    </dl>
  )
}

/** Marked by a word, a shape and a bar: no colour says it. */
function ExceptionNote({
  exception,
  people,
}: {
  readonly exception: Exception
  readonly people: Props['printed']['people']
}) {
  return (
    <div className="exception">
      <p>
        <strong>▲ EXCEPTION</strong>
        {exception.step !== null && ` at step ${String(exception.step + 1)}`}
      </p>
      <p>{exception.what}</p>
      <p className="small">
        Decided by {nameIn(people, exception.decidedBy)}, {formatMoment(exception.at)}, entry {exception.seq}
        {exception.absent !== null && `. ${nameIn(people, exception.absent)} will not sign`}
      </p>
    </div>
  )
}

function Steps({ printed: { minutes, people } }: Props): ReactNode {
  return (
    <table className="steps">
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">What was done</th>
          <th scope="col">By</th>
          <th scope="col">Initials</th>
          <th scope="col">When</th>
          <th scope="col">Entry</th>
        </tr>
      </thead>
      <tbody>
        {minutes.steps.map((step) => (
          <tr key={step.seq}>
            <td className="number">{step.step + 1}</td>
            <td>
              <p>
                {step.result === 'excepted' && <strong className="mark">▲ WITH EXCEPTION </strong>}
                {step.title}
              </p>
              {step.note !== '' && <p className="small note">{step.note}</p>}
            </td>
            <td>{nameIn(people, step.person)}</td>
            <td className="initials">{step.initials}</td>
            <td className="small">
              <PrintedTime at={step.at} />
            </td>
            <td className="number small">{step.seq}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Participants({ printed: { minutes, signed } }: Props): ReactNode {
  return (
    <table className="people">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Roles</th>
          <th scope="col">Keys used</th>
          <th scope="col">Signed by tap</th>
        </tr>
      </thead>
      <tbody>
        {minutes.participants.map(({ person, name, roles, keys, signs }) => {
          const taps = signed.filter((tap) => tap.person === person)
          return (
            <tr key={person}>
              <th scope="row">{name}</th>
              <td>{roles.map((role) => roleNames[role]).join(', ')}</td>
              <td>{keys.length === 0 ? 'none' : keys.map(({ label }) => label).join(', ')}</td>
              <td className="small">
                {taps.map((tap) => (
                  <Fragment key={tap.at}>
                    with {tap.key}, {formatMoment(tap.at)}
                  </Fragment>
                ))}
                {taps.length === 0 && (signs ? 'not yet' : 'does not sign: see exceptions')}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** The minutes. */
export function Minutes({ printed }: Props): ReactNode {
  const { minutes, hash, words, beforeWords, afterWords, people, signed } = printed
  const { headBefore, headAfter, exceptions } = minutes
  const names = signed.map((tap) => tap.name)
  return (
    <>
      <p className="kind">Minutes of a ceremony</p>
      <h1>{minutes.title}</h1>
      <Facts printed={printed} />
      <h2>Steps</h2>
      <Steps printed={printed} />
      <h2>Exceptions</h2>
      {exceptions.length === 0 ? (
        <p>None.</p>
      ) : (
        exceptions.map((exception) => <ExceptionNote key={exception.seq} exception={exception} people={people} />)
      )}
      <h2>Who took part</h2>
      <Participants printed={printed} />
      <p>{names.length === 0 ? 'Nobody has signed yet.' : `Signed by taps of ${names.join(', ')}.`}</p>
      <h2>Head of the log</h2>
      <PrintedHash
        title="Before the ceremony"
        about={`${String(headBefore.size)} entries`}
        hash={headBefore.root}
        words={beforeWords}
      />
      <PrintedHash
        title="When these minutes were written"
        about={`${String(headAfter.size)} entries`}
        hash={headAfter.root}
        words={afterWords}
        code={`halligan head ${String(headAfter.size)} ${headAfter.root} ${afterWords.join(' ')}`}
      />
      <h2>What the taps signed</h2>
      <PrintedHash
        title="SHA-256 of these minutes"
        hash={hash}
        words={words}
        code={`halligan minutes ${minutes.ceremony} ${hash}`}
      />
      <p className="small">
        The minutes themselves stand in the log. This paper is a copy for people: “halligan verify” on an export of the
        log checks the steps, the taps and this hash.
      </p>
      <Signatures
        title="Signatures on paper"
        names={minutes.participants.filter(({ signs }) => signs).map(({ name }) => name)}
      />
    </>
  )
}
