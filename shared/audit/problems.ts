/** Problems found while verifying: the first hundred, so that a hostile log cannot fill the memory. */
import type { Problem } from './report.ts'

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
