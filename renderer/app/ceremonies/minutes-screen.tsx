/** Minutes of a ceremony that is over: what was signed, readable and as printed. */
import type { ReactNode } from 'react'
import type { PastCeremony } from '../../../shared/contracts/ceremony-views.ts'
import { leadsOf, type Minutes } from '../../../shared/domain/ceremony.ts'
import { Button } from '../../ui/button.tsx'
import { CodePrint, ErrorNotice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { formatNumber } from '../../ui/time.ts'
import { When } from '../../ui/when.tsx'
import { roleNames } from '../../ui/role-names.ts'
import { Screen } from '../screen.tsx'
import { useStore } from '../use-app.ts'
import { usePastCeremonies } from './ceremonies-screen.tsx'
import { kinds } from './ceremony-words.ts'
import { ExceptionList } from './exceptions.tsx'
import { PrintButton } from './print-button.tsx'

/** Said aloud in words, compared in figures where somebody doubts. */
function Sealed({
  words,
  label,
  code,
}: {
  readonly words: readonly string[]
  readonly label: string
  readonly code: string
}): ReactNode {
  return (
    <>
      <strong className="minutes-words">{words.join(' ')}</strong>
      <CodePrint label={label} code={code} />
    </>
  )
}

function Facts({ past }: { readonly past: NonNullable<PastCeremony['minutes']> }): ReactNode {
  const { content: minutes, words, hash, beforeWords, afterWords } = past
  const { headBefore, headAfter, program, participants } = minutes
  const nameOf = (id: string): string => participants.find(({ person }) => person === id)?.name ?? 'somebody not listed'
  return (
    <dl className="facts panel">
      <dt>Words of these minutes</dt>
      <dd>
        <Sealed words={words} label="Fingerprint" code={hash} />
      </dd>
      <dt>Led by</dt>
      <dd>{leadsOf(minutes).map(nameOf).join(', then ')}</dd>
      <dt>Vault and machine</dt>
      <dd>
        {minutes.vaultName}, {minutes.stationName}
      </dd>
      <dt>Opened</dt>
      <dd>
        <When at={minutes.openedAt} />
      </dd>
      <dt>Minutes written</dt>
      <dd>
        <When at={minutes.writtenAt} />
      </dd>
      <dt>Log before</dt>
      <dd>
        {formatNumber(headBefore.size)} entries: <Sealed words={beforeWords} label="Head" code={headBefore.root} />
      </dd>
      <dt>Log after</dt>
      <dd>
        {formatNumber(headAfter.size)} entries: <Sealed words={afterWords} label="Head" code={headAfter.root} />
      </dd>
      <dt>Who holds what</dt>
      <dd>
        {minutes.manifestBefore.version === minutes.manifestAfter.version
          ? `unchanged, version ${minutes.manifestAfter.version}`
          : `version ${minutes.manifestBefore.version} before, ${minutes.manifestAfter.version} after`}
      </dd>
      <dt>Program</dt>
      <dd>
        Halligan {program.version}
        {program.digest !== null && (
          <>
            {' '}
            <CodePrint label="Fingerprint" code={program.digest} />
          </>
        )}
      </dd>
    </dl>
  )
}

function People({ minutes, signed }: { readonly minutes: Minutes; readonly signed: readonly string[] }): ReactNode {
  return (
    <section className="stack-tight" aria-labelledby="took-part">
      <h2 id="took-part">Who took part</h2>
      <div className="table-frame" tabIndex={0} role="group" aria-labelledby="took-part">
        <table>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Keys they touched</th>
              <th scope="col">Signature</th>
            </tr>
          </thead>
          <tbody>
            {minutes.participants.map(({ person, name, roles, keys, signs }) => (
              <tr key={person}>
                <th scope="row">
                  {name}
                  <span className="soft small block">{roles.map((role) => roleNames[role]).join(', ')}</span>
                </th>
                <td>{keys.map(({ label }) => label).join(', ') || 'none'}</td>
                <td>
                  <span className={signed.includes(person) ? 'badge ok' : 'badge'}>
                    <Icon name={signed.includes(person) ? 'check' : 'minus'} size={14} />{' '}
                    {signed.includes(person) ? 'Has signed' : signs ? 'Not signed' : 'Does not sign'}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Steps({ minutes }: { readonly minutes: Minutes }): ReactNode {
  return (
    <section className="stack-tight" aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <div className="table-frame" tabIndex={0} role="group" aria-labelledby="steps">
        <table>
          <thead>
            <tr>
              <th scope="col">No.</th>
              <th scope="col">Step</th>
              <th scope="col">Initials</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {minutes.steps.map(({ step, title, result, initials, note, at }) => (
              <tr key={step}>
                <td>{step + 1}</td>
                <th scope="row">
                  {title}
                  {result === 'excepted' && <span className="soft small block">Left out</span>}
                  {note !== '' && <span className="soft small block">{note}</span>}
                </th>
                <td>{initials}</td>
                <td>
                  <When at={at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

export function MinutesScreen({ ceremony }: { readonly ceremony: string }): ReactNode {
  const { past, error } = usePastCeremonies()
  const { go } = useStore()
  const one = past?.find(({ id }) => id === ceremony)
  const back = (
    <Button look="quiet" onPress={() => go({ name: 'ceremonies' })}>
      All ceremonies
    </Button>
  )
  if (one === undefined || one.minutes === null)
    return (
      <Screen title="Minutes" actions={back}>
        {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
        {past !== null && <p>There are no minutes of this ceremony.</p>}
      </Screen>
    )
  const { content, signed } = one.minutes
  return (
    <Screen
      title={`Minutes: ${one.title}`}
      lead={`${kinds[one.kind].name}. These minutes stand in the log; whoever verifies it verifies them too.`}
      actions={
        <>
          <PrintButton what={{ document: 'minutes', ceremony }} label="Print the minutes" />
          {back}
        </>
      }
    >
      <div className="stack-wide">
        <Facts past={one.minutes} />
        <People minutes={content} signed={signed} />
        {content.exceptions.length > 0 && (
          <section className="stack-tight" aria-labelledby="excepted">
            <h2 id="excepted">Exceptions</h2>
            <ExceptionList exceptions={content.exceptions} />
          </section>
        )}
        <Steps minutes={content} />
      </div>
    </Screen>
  )
}
