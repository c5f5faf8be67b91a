/** The verdict on the log, checking it anew, and taking it along. */
import { useRef, useState, type ReactNode } from 'react'
import { ProgressBar } from 'react-aria-components/ProgressBar'
import type { VerifyReport } from '../../../shared/audit/report.ts'
import type { AppState } from '../../../shared/contracts/app.ts'
import type { SinkView } from '../../../shared/contracts/sink-views.ts'
import { Button } from '../../ui/button.tsx'
import { CodePrint, ErrorNotice, Notice } from '../../ui/notice.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { formatNumber } from '../../ui/time.ts'
import { useAction } from '../../ui/use-action.ts'
import { describeAcknowledged } from '../sinks/sink-words.ts'
import { describeLog } from '../status-words.ts'
import { useModel, useStore, useVaultState } from '../use-app.ts'
import { ExportForm } from './export-form.tsx'
import { describeProblem, describeVerdicts } from './problem-words.ts'

function VerifyProgress(): ReactNode {
  const { verifying } = useModel()
  const done = verifying?.done ?? 0
  const total = verifying?.total ?? 0
  const figure = total === 0 ? 'Starting…' : `${formatNumber(done)} of ${formatNumber(total)} entries`
  return (
    <ProgressBar
      className="progress"
      aria-label="Checking the log"
      value={done}
      maxValue={Math.max(1, total)}
      valueLabel={figure}
    >
      {({ percentage = 0 }) => (
        <>
          <span>Checking every entry, signature and sealed record</span>
          <span className="counter">{figure}</span>
          <div className="track">
            <div className="fill" style={{ width: `${percentage}%` }} />
          </div>
        </>
      )}
    </ProgressBar>
  )
}

function Report({ report }: { readonly report: VerifyReport }): ReactNode {
  const verdicts = describeVerdicts(report)
  const isBad = report.integrity.verdict === 'broken' || report.completeness.verdict === 'incomplete'
  const problems = [...report.integrity.problems, ...report.completeness.problems]
  const { checked } = report
  return (
    <Notice tone={isBad ? 'bad' : 'ok'} live="status">
      <p>
        <strong>{verdicts.integrity}</strong>
      </p>
      <p>{verdicts.completeness}</p>
      <p className="small soft">
        Checked: {formatNumber(checked.entries)} entries, {formatNumber(checked.checkpoints)} checkpoints,{' '}
        {formatNumber(checked.taps)} taps, who holds what ({formatNumber(checked.manifests)}),{' '}
        {formatNumber(checked.records)} sealed records.
      </p>
      {problems.length > 0 && (
        <ol className="problems">
          {problems.map((problem, index) => (
            <li key={index}>
              {describeProblem(problem)} <CodePrint code={problem.code} />
            </li>
          ))}
        </ol>
      )}
    </Notice>
  )
}

/** What each sink has: the part of the log that cannot be rewritten here unnoticed. */
function Acknowledged({ sinks }: { readonly sinks: readonly SinkView[] }): ReactNode {
  return (
    <ul className="plain-list acknowledged small" aria-label="What each sink has">
      {sinks.map((sink) => {
        const { tone, text } = describeAcknowledged(sink)
        return (
          <li key={sink.id} className={`status-item ${tone}`}>
            <Icon name={tone === 'bad' ? 'stop' : tone === 'ok' ? 'check' : 'info'} size={16} />
            <span>{text}</span>
          </li>
        )
      })}
    </ul>
  )
}

/** An export that is being written, beside whatever else is under way. */
function Exporting({ exporting }: { readonly exporting: NonNullable<AppState['exporting']> }): ReactNode {
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const { operation, folder, stopping } = exporting
  return (
    <div className="stack" role="status">
      <div className="spread">
        <p>{stopping ? 'The export is being stopped and taken away…' : `The export is being written to ${folder}…`}</p>
        <Button
          look="quiet"
          isDisabled={busy || stopping}
          onPress={() => void run(() => call['export.cancel']({ operation }))}
        >
          Stop exporting
        </Button>
      </div>
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </div>
  )
}

/** On top of the timeline. */
export function LogPanel(): ReactNode {
  const { log, operation, exporting, sinks } = useVaultState()
  const { call } = useStore()
  const { run, busy, error } = useAction()
  const [report, setReport] = useState<VerifyReport | null>(null)
  const [isAsked, setAsked] = useState(false)
  const exportButton = useRef<HTMLButtonElement>(null)
  const verdict = describeLog(log)
  const icon = verdict.tone === 'bad' ? 'stop' : verdict.tone === 'ok' ? 'check' : 'info'
  const verify = async (): Promise<void> => {
    setReport(null)
    await run(async () => setReport(await call['log.verify']({})))
  }
  const closeExport = (): void => {
    setAsked(false)
    exportButton.current?.focus()
  }
  return (
    <section className="panel stack log-panel" aria-label="Verdict on the log">
      <div className="spread">
        <p className={`verdict ${verdict.tone}`} role="status">
          <Icon name={icon} size={24} />
          <span>{verdict.text}</span>
        </p>
        <div className="row">
          <Button isDisabled={busy} onPress={() => void verify()}>
            Verify now
          </Button>
          <Button
            ref={exportButton}
            aria-expanded={isAsked && exporting === null}
            isDisabled={operation !== null || exporting !== null}
            onPress={() => setAsked(!isAsked)}
          >
            Export the log
          </Button>
        </div>
      </div>
      {sinks.length > 0 && <Acknowledged sinks={sinks} />}
      {exporting !== null && <Exporting exporting={exporting} />}
      {isAsked && operation === null && exporting === null && <ExportForm onClose={closeExport} />}
      {busy && <VerifyProgress />}
      {report !== null && !busy && <Report report={report} />}
      {error !== null && <ErrorNotice code={error.code} detail={error.detail} />}
    </section>
  )
}
