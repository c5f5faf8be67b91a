/** Problems found while verifying: the first hundred, so that a hostile log cannot fill the memory. */
import type { Problem, VerifyReport } from './report.ts'

const problemsMax = 100
const detailLength = 300

/** Reports one problem. `seq` null when it is not about one entry. */
export type ReportProblem = (code: Problem['code'], seq: number | null, detail: string) => void

export interface ProblemList {
  readonly add: ReportProblem
  readonly list: () => Problem[]
}

export function createProblemList(): ProblemList {
  const problems: Problem[] = []
  return {
    add: (code, seq, detail) => {
      if (problems.length < problemsMax) problems.push({ code, seq, detail: detail.slice(0, detailLength) })
    },
    list: () => [...problems],
  }
}

/** The report with what was found beside the log; its verdict follows. */
export function withProblems(report: VerifyReport, more: readonly Problem[]): VerifyReport {
  const { integrity } = report
  const problems = [...integrity.problems, ...more].slice(0, problemsMax)
  return { ...report, integrity: { ...integrity, verdict: problems.length === 0 ? 'intact' : 'broken', problems } }
}
