/** What the program puts into every export of its own files: the stand-alone verifiers, and the fonts of the report. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { PdfFonts } from './pdf-pages.ts'

/** Names of the verifiers, the same here and in an export (build/bundle-verifier.ts makes them). */
export const verifierFiles = { page: 'verify.html', program: 'verify.mjs' } as const

/** Reads the program's files when an export is made. */
export interface ExportKit {
  readonly verifiers: () => Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]>
  readonly fonts: () => Promise<PdfFonts>
}

/** @param programDir the folder that the program runs from */
export const createExportKit = (programDir: string): ExportKit => ({
  verifiers: () =>
    Promise.all(
      Object.values(verifierFiles).map(async (name) => ({
        name,
        bytes: await readFile(path.join(programDir, 'verify', name)),
      })),
    ),
  fonts: async () => ({
    regular: await readFile(path.join(programDir, 'fonts', 'DejaVuSansCondensed.ttf')),
    bold: await readFile(path.join(programDir, 'fonts', 'DejaVuSansCondensed-Bold.ttf')),
  }),
})
