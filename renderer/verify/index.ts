/** verify.html: choose an export, see the two verdicts. Plain DOM, so that an auditor can read all of it. */
import { createAlertWitness } from '../../shared/audit/alert-check.ts'
import type { AlertFinding } from '../../shared/audit/alert-sentences.ts'
import { parseAlertText, type AlertText } from '../../shared/audit/alert-text.ts'
import { exportFiles, lastNote } from '../../shared/audit/export.ts'
import type { KnownWords } from '../../shared/audit/known-checkpoint.ts'
import { parseKnownWords } from '../../shared/audit/known-words.ts'
import { verifyExport } from '../../shared/audit/verify-export.ts'
import { asHalliganError } from '../../shared/errors.ts'
import { formatNumber } from '../../shared/quantities.ts'
import { findExport, readDropped, watchEntries } from './chosen-export.ts'
import { browserPrimitives, createSha256 } from './primitives.ts'
import { viewAlert, viewFailure, viewReport, viewStrayText } from './report-view.ts'

function find<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`no ${id}`)
  return found
}

const form = find('form', HTMLFormElement)
const drop = find('drop', HTMLFieldSetElement)
const folder = find('folder', HTMLInputElement)
const archive = find('archive', HTMLInputElement)
const known = find('known', HTMLInputElement)
const words = find('words', HTMLInputElement)
const size = find('size', HTMLInputElement)
const pasted = find('alert', HTMLTextAreaElement)
const button = find('verify', HTMLButtonElement)
const chosen = find('chosen', HTMLParagraphElement)
const working = find('working', HTMLElement)
const progress = find('progress', HTMLProgressElement)
const figure = find('figure', HTMLParagraphElement)
const result = find('result', HTMLElement)

/** How long the page may work before it draws again and answers. */
const turnMs = 40

let files: readonly File[] = []

function choose(from: readonly File[]): void {
  files = from
  const [first] = from
  const name = first?.webkitRelativePath.split('/')[0]
  const what = name === undefined || name === '' ? (first?.name ?? '') : name
  const count = from.length === 1 ? '1 file' : `${formatNumber(from.length)} files`
  chosen.textContent = first === undefined ? 'Nothing chosen yet.' : `Chosen: ${what} (${count}).`
  button.disabled = first === undefined
}

/** Lets the page draw and answer, when it has worked long enough. */
function createBreather(): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < turnMs) return
    await new Promise((resolve) => setTimeout(resolve))
    last = performance.now()
  }
}

async function readKnown(): Promise<string | null> {
  const file = known.files?.[0]
  return file === undefined ? null : lastNote(await file.text())
}

/** Undefined when nothing was typed, null when it cannot be words and a length. */
const readKnownWords = (): KnownWords | null | undefined =>
  words.value.trim() === '' && size.value.trim() === '' ? undefined : parseKnownWords(words.value, size.value)

async function verify(): Promise<HTMLElement[]> {
  const knownWords = readKnownWords()
  if (knownWords === null) {
    return viewFailure('Type all four words, and the number of entries that they were said of, or neither.')
  }
  const place = await findExport(files)
  if (place === null) {
    return viewFailure(
      'There is no export in what you chose, or more than one. Choose the folder with log.jsonl or entries.jsonl in it, or the .tar file.',
    )
  }
  const text = pasted.value.trim()
  const alert: AlertText | null = text === '' ? null : parseAlertText(text)
  const isWhole = (await place(exportFiles.log)) !== null
  const witness = alert === null ? null : createAlertWitness(browserPrimitives, alert, isWhole)
  const breathe = createBreather()
  let entries = 0
  const watched = watchEntries(place, async (done, total) => {
    progress.value = total === 0 ? 1 : done / total
    figure.textContent = `${formatNumber(entries)} entries, ${String(Math.floor(progress.value * 100))} %`
    await breathe()
  })
  const report = await verifyExport(browserPrimitives, watched, {
    knownCheckpoint: await readKnown(),
    ...(knownWords === undefined ? {} : { knownWords }),
    createHash: createSha256,
    ...(witness === null ? {} : { prepare: witness.watch }),
    onProgress: (done) => {
      entries = done
    },
  })
  if (text === '') return viewReport(report)
  if (alert === null || witness === null) return [...viewStrayText(), ...viewReport(report)]
  const finding: AlertFinding = { kind: 'log', ...witness.judge(), integrity: report.integrity.verdict }
  return [...viewAlert(finding, alert), ...viewReport(report)]
}

async function verifyAndShow(): Promise<void> {
  button.disabled = true
  working.hidden = false
  result.hidden = true
  try {
    result.replaceChildren(...(await verify()))
  } catch (error) {
    const { code } = asHalliganError(error)
    result.replaceChildren(
      ...viewFailure(`A file could not be read. Copy the export to this machine and try again. [${code}]`),
    )
  }
  working.hidden = true
  result.hidden = false
  button.disabled = false
  result.focus()
}

folder.addEventListener('change', () => choose([...(folder.files ?? [])]))
archive.addEventListener('change', () => choose([...(archive.files ?? [])]))
form.addEventListener('submit', (event) => {
  event.preventDefault()
  void verifyAndShow()
})
for (const name of ['dragenter', 'dragover'] as const) {
  window.addEventListener(name, (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
}
window.addEventListener('dragleave', () => drop.classList.remove('over'))
window.addEventListener('drop', (event) => {
  event.preventDefault()
  drop.classList.remove('over')
  if (event.dataTransfer !== null) void readDropped(event.dataTransfer).then(choose)
})
