/** What documents have in common. */
import type { ReactNode } from 'react'
import { fromBase64Url, toHex } from '../../shared/bytes.ts'
import { QrCode } from '../ui/qr-code.tsx'
import { readMoment } from '../ui/time.ts'

/** Local time on top, UTC below. */
export function PrintedTime({ at }: { readonly at: string }): ReactNode {
  const { date, time, utc, same } = readMoment(at)
  return (
    <>
      {date}
      <br />
      {time}
      {same ? ' UTC' : ' local'}
      {!same && (
        <>
          <br />
          {utc}
        </>
      )}
    </>
  )
}

/** base64url as hexadecimal in groups of four: what two people compare by reading aloud. */
export const hexGroups = (base64url: string): string => toHex(fromBase64Url(base64url)).replaceAll(/.{4}(?=.)/g, '$& ')

interface HashProps {
  readonly title: string
  /** For example the log's length. */
  readonly about?: string
  readonly hash: string
  readonly words: readonly string[]
  /** What the code holds, when there is one. */
  readonly code?: string
}

/** A hash in words, in hexadecimal and as a code. */
export function PrintedHash({ title, about, hash, words, code }: HashProps): ReactNode {
  return (
    <section className="hash">
      <div>
        <h3>{title}</h3>
        {about !== undefined && <p>{about}</p>}
        <p className="words">{words.join(' ')}</p>
        <p className="hex">{hexGroups(hash)}</p>
      </div>
      {code !== undefined && (
        <div className="code">
          <QrCode text={code} label={`QR code: ${title.toLowerCase()}`} />
        </div>
      )}
    </section>
  )
}

/** Lines to write on with a pen. */
export function Signatures({ names, title }: { readonly names: readonly string[]; readonly title: string }): ReactNode {
  return (
    <section>
      <h2>{title}</h2>
      <table className="wet">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Signature</th>
            <th scope="col">Date</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name, index) => (
            <tr key={`${name} ${String(index)}`}>
              <th scope="row">{name}</th>
              <td className="empty" aria-label="to be signed by hand" />
              <td className="empty" aria-label="to be filled in by hand" />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Name of somebody that a document names by id. */
export const nameIn = (people: readonly { readonly id: string; readonly name: string }[], id: string): string =>
  people.find((person) => person.id === id)?.name ?? 'Somebody not listed'
