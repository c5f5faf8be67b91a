/**
 * A document as a PDF: a hidden window like every other draws it, from what the vault process hands over, and main writes the
 * file where a person said. No page names a path, and the window has nothing but its one document.
 */
import { MessageChannelMain, type MessagePortMain } from 'electron'
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { printContract, type Printed } from '../../shared/contracts/print.ts'
import { createHub } from '../../shared/contracts/contract.ts'
import { asHalliganError, HalliganError } from '../../shared/errors.ts'
import { fromElectronPort } from '../platform/ports.ts'
import { destroyWindow, givePortWhen } from './page-window.ts'
import type { GivePort } from './port-handover.ts'
import { atMost } from './process-end.ts'
import { createWindow, type WindowResources } from './window-factory.ts'

const drawTimeoutMs = 20_000
const printTimeoutMs = 60_000

const titles: Readonly<Record<Printed['document'], string>> = {
  minutes: 'Minutes of a ceremony',
  script: 'Script of a ceremony',
  kit: 'Kit of a custodian',
  'alert-slip': 'Alert to hand on',
}

/** Serves the document on a port of its own. `drawn` resolves when the page says so, and rejects when its port closes before. */
function serveDocument(printed: Printed): { readonly port: MessagePortMain; readonly drawn: Promise<void> } {
  const { port1, port2 } = new MessageChannelMain()
  const hub = createHub(fromElectronPort(port1))
  let begun = false
  const drawn = new Promise<void>((resolve, reject) => {
    hub.serve(printContract, {
      begin: () => {
        if (begun) throw new HalliganError('PRINT_FAILED', { reason: 'asked-twice' })
        begun = true
        return printed
      },
      ready: () => {
        if (!begun) throw new HalliganError('PRINT_FAILED', { reason: 'not-begun' })
        resolve()
        return {}
      },
    })
    hub.onClose(() => reject(new HalliganError('PRINT_FAILED', { reason: 'page-gone' })))
  })
  // Looked at only once the page has its port.
  drawn.catch(() => undefined)
  return { port: port2, drawn }
}

/** Nothing that people wrote stands in these: they are markup. */
const footer = (document: Printed['document']): string =>
  `<div style="width:100%;margin:0 14mm;font-family:sans-serif;font-size:7.5pt;display:flex;justify-content:space-between">` +
  `<span>Halligan: ${titles[document].toLowerCase()}</span>` +
  `<span>Page <span class="pageNumber"></span> of <span class="totalPages"></span></span></div>`

/** @throws HalliganError PRINT_FAILED {reason} */
async function drawPdf(printed: Printed, resources: WindowResources): Promise<Buffer> {
  let becomeReady: (give: GivePort | null) => void = () => undefined
  const ready = new Promise<GivePort | null>((resolve) => (becomeReady = resolve))
  const plan = { title: titles[printed.document], parent: null, manual: false, onReady: becomeReady }
  const window = createWindow('print', plan, resources)
  window.webContents.once('render-process-gone', () => becomeReady(null))
  try {
    const { port, drawn } = serveDocument(printed)
    await givePortWhen(ready, port)
    const isDrawn = await atMost(
      drawTimeoutMs,
      drawn.then(() => true),
    )
    if (isDrawn !== true) throw new HalliganError('PRINT_FAILED', { reason: 'page-late' })
    const pdf = await atMost(
      printTimeoutMs,
      window.webContents.printToPDF({
        generateTaggedPDF: true,
        generateDocumentOutline: true,
        preferCSSPageSize: true,
        printBackground: false,
        displayHeaderFooter: true,
        headerTemplate: '<span></span>',
        footerTemplate: footer(printed.document),
      }),
    )
    if (pdf === undefined) throw new HalliganError('PRINT_FAILED', { reason: 'print-late' })
    return pdf
  } finally {
    await destroyWindow(window)
  }
}

/** All of it or nothing, for its owner only; a file that is there is replaced, as the dialog has asked. */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const fresh = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.new`)
  try {
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Why it failed, without a path or a text in it. */
function reasonOf(error: unknown): string {
  if (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z]{2,15}$/.test(error.code)
  ) {
    return error.code
  }
  return 'print'
}

/** Where to; null when that was cancelled. */
export type ChoosePlace = (suggested: string) => Promise<string | null>

/**
 * Makes the PDF.
 * @param choosePlace asks a person for the file
 * @returns the file's path; null when nobody wanted it
 * @throws HalliganError PRINT_FAILED {reason}
 */
export async function printDocument(
  printed: Printed,
  choosePlace: ChoosePlace,
  resources: WindowResources,
): Promise<{ readonly path: string | null }> {
  const file = await choosePlace(`halligan-${printed.document}.pdf`)
  if (file === null) return { path: null }
  try {
    await writeWhole(file, await drawPdf(printed, resources))
    return { path: file }
  } catch (error) {
    const { code } = asHalliganError(error)
    if (code === 'PRINT_FAILED') throw error
    throw new HalliganError('PRINT_FAILED', { reason: reasonOf(error) }, error)
  }
}
