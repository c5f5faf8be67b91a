/** A value as signs that cannot be mistaken for one another, and as words to be read aloud. */
import type { ReactNode } from 'react'
import { markGlyph, speak } from '../ui/phonetic.ts'

/** Longer values are shown as they are; nobody reads a key file aloud. */
const readableLength = 128

const kindOf = (glyph: string): string => {
  if (/^\d$/.test(glyph)) return 'digit'
  return /^\p{L}$/u.test(glyph) ? 'letter' : 'sign'
}

function GlyphRow({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="glyphs">
      <span className="sr-only">{text}</span>
      {Array.from(text, (glyph, index) => {
        const mark = markGlyph(glyph)
        return (
          <span key={index} className={`glyph ${kindOf(glyph)} ${mark === null ? '' : 'marked'}`} aria-hidden="true">
            <span className="glyph-face">{glyph === ' ' ? '␣' : glyph}</span>
            <span className="glyph-mark">{mark}</span>
          </span>
        )
      })}
    </div>
  )
}

/** The words, for reading down a line. */
function Reading({ text }: { readonly text: string }): ReactNode {
  const words = speak(text)
  return (
    <p className="reading">
      <span className="label small">Read aloud: </span>
      {words.join(', ')}
    </p>
  )
}

/** `value` in a face and size for reading off. */
export function GlyphText({ value }: { readonly value: string }): ReactNode {
  const isReadable = value.length <= readableLength && !value.includes('\n')
  if (isReadable)
    return (
      <>
        <GlyphRow text={value} />
        <Reading text={value} />
      </>
    )
  return (
    <>
      <pre className="value-lines" tabIndex={0}>
        {value}
      </pre>
      <details className="long-reading">
        <summary>Read aloud</summary>
        {value.split('\n').map((line, index) => (
          <p key={index} className="reading">
            <span className="label small">Line {index + 1}: </span>
            {line === '' ? 'empty' : speak(line).join(', ')}
          </p>
        ))}
      </details>
    </>
  )
}
