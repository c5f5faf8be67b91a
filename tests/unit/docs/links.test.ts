/** What the documentation points at is there: files, headings, pictures, and the tests that it names as proof. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const pages = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join('docs', name.split(path.sep).join('/'))),
]
const read = (page: string): string => readFileSync(path.join(root, page), 'utf8')
const readTest = (file: string): string => read(file).replaceAll(/\s+/gu, ' ')
/** Text without code: what looks like a link in it is none. */
const withoutCode = (text: string): string => text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/gu, '')

const pictures = ['request.png', 'reveal.png', 'timeline.png'].map((name) => `docs/pictures/${name}`)

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
    .replaceAll(' ', '-')

describe('links', () => {
  it.each(pages)('of %s lead to something', (page) => {
    for (const [, target = ''] of withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/gu)) {
      if (/^[a-z]+:/u.test(target)) continue
      const [file = '', anchor] = target.split('#')
      const found = file === '' ? page : path.posix.join(path.posix.dirname(page), file)
      expect(existsSync(path.join(root, found)), `${page}: ${target}`).toBe(true)
      if (anchor === undefined) continue
      const headings = [...read(found).matchAll(/^#+ (.*)$/gmu)].map(([, heading = '']) => anchorOf(heading))
      expect(headings, `${page}: ${target}`).toContain(anchor)
    }
  })

  it('of the README show the three pictures', () => {
    const shown = [...read('README.md').matchAll(/!\[[^\]]+\]\(([^)]+)\)/gu)].map(([, target]) => target)
    expect(shown).toEqual(pictures)
    for (const picture of pictures) expect(existsSync(path.join(root, picture)), picture).toBe(true)
  })
})

describe('files and tests that are named', () => {
  it.each(pages)('in %s are there', (page) => {
    for (const [, file = ''] of read(page).matchAll(/`((?:tests|electron|shared|renderer|build|docs)\/[^`*\s]+)`/gu)) {
      expect(existsSync(path.join(root, file)), `${page}: ${file}`).toBe(true)
    }
  })

  it('in the threat model: every attacker is held off by a test, in its own words', () => {
    const text = read('docs/threat-model.md')
    const table = text.slice(text.indexOf('| attacker'), text.indexOf('## What is not promised'))
    const rows = table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => row.split('|').at(-2)?.trim() ?? '')
    expect(rows.length).toBeGreaterThanOrEqual(11)
    for (const row of rows) {
      const [, file = '', title = ''] = /^`([^`]+)`: "(.+)"$/u.exec(row) ?? []
      expect(file, row).not.toBe('')
      expect(readTest(file), row).toContain(`'${title}'`)
    }
  })
})
