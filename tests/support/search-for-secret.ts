/** Looks for planted secrets where none may be: in the memory of a process, and in every file below a folder. */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import path from 'node:path'

/** The forms a text takes in memory: one byte a character, and two (V8, Blink). */
const forms = (text: string): Buffer[] => [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')]

const chunkBytes = 16 * 1024 * 1024

function searchRegion(memory: number, start: number, end: number, needles: readonly Buffer[]): boolean {
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1
  const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - start))
  for (let at = start; at < end; at += chunk.length - overlap) {
    let read = 0
    try {
      read = readSync(memory, chunk, 0, Math.min(chunk.length, end - at), at)
    } catch {
      return false // a guard page or a mapping of a device: nothing of ours is there
    }
    if (needles.some((needle) => chunk.subarray(0, read).includes(needle))) return true
    if (read < chunk.length || chunk.length <= overlap) return false
  }
  return false
}

/** Which of `texts` stand anywhere in the readable memory of `pid` (Linux, needs the right to read it). */
export function searchMemory(pid: number, texts: readonly string[]): string[] {
  const regions = readFileSync(`/proc/${String(pid)}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^([0-9a-f]+)-([0-9a-f]+) (r...) /.exec(line)
      if (match === null || line.includes('[vvar]') || line.includes('[vsyscall]')) return []
      return [{ start: Number.parseInt(match[1] ?? '', 16), end: Number.parseInt(match[2] ?? '', 16) }]
    })
  const memory = openSync(`/proc/${String(pid)}/mem`, 'r')
  try {
    return texts.filter((text) => {
      const needles = forms(text)
      return regions.some(({ start, end }) => searchRegion(memory, start, end, needles))
    })
  } finally {
    closeSync(memory)
  }
}

/** What stays the same of `bytes` in base64, wherever in a longer text they begin: one form for each of 3 alignments. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '')
    // The first and last characters also hold bits of what stands around.
    const first = Math.ceil((before * 8) / 6)
    const whole = Math.floor(((before + bytes.length) * 8) / 6)
    return text.slice(first, whole)
  })
}

/** `bytes` as text: base64 of both alphabets, hexadecimal in both cases. */
function writtenForms(bytes: Buffer): string[] {
  const base64 = base64Forms(bytes)
  const hex = bytes.toString('hex')
  return [...base64, ...base64.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')), hex, hex.toUpperCase()]
}

/** The forms a text takes at rest: as in memory, and as bytes that were written as text. */
function formsAtRest(text: string): Buffer[] {
  const plain = forms(text)
  const written = plain.flatMap(writtenForms)
  return [...plain, ...[...new Set(written)].map((one) => Buffer.from(one, 'latin1'))]
}

/** Whether `secret` stands anywhere in `hay`: as it is, in base64, or in hexadecimal. */
export const holdsBytes = (hay: Buffer, secret: Buffer): boolean =>
  hay.includes(secret) || writtenForms(secret).some((form) => hay.includes(form, 0, 'latin1'))

/** A file that went while it was looked for holds nothing any more. */
function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
}

/** Files below `folder` that hold any of `texts`: as text of one or two bytes a character, in base64, or in hexadecimal. */
export function searchFiles(folder: string, texts: readonly string[]): string[] {
  const needles = texts.flatMap(formsAtRest)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readIfThere(file)
      return needles.some((needle) => bytes.includes(needle))
    })
}
