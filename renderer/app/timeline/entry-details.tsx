/** All of one entry: the whole sentence, both clocks, who, and the exact record. */
import { useState, type ReactNode } from 'react'
import type { Entry } from '../../../shared/audit/entry.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import { canonicalBytes } from '../../../shared/canonical.ts'
import { Button } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy-text.ts'
import { entryTypeNames } from '../../../shared/audit/entry-names.ts'
import { formatNumber } from '../../ui/time.ts'
import { When } from '../../ui/when.tsx'

function actorWords({ actor }: Entry): string {
  if (actor.kind === 'station') return 'this machine'
  return actor.proven ? `${actor.name}, proven by key` : `${actor.name}, as stated`
}

function Record({ entry }: { readonly entry: Entry }): ReactNode {
  const [copied, setCopied] = useState(false)
  const text = fromUtf8(canonicalBytes(entry))
  return (
    <div className="record stack-tight">
      <pre tabIndex={0} aria-label="The record">
        {text}
      </pre>
      <div className="row small soft">
        <Button size="little" onPress={() => setCopied(copyText(text))}>
          {copied ? 'Copied' : 'Copy the record'}
        </Button>
        <span>These exact bytes were hashed into the log.</span>
      </div>
    </div>
  )
}

/** `entry` null: nothing is chosen, or it is being read. */
export function EntryDetails({
  entry,
  sentence,
}: {
  readonly entry: Entry | null
  readonly sentence: string
}): ReactNode {
  return (
    <section className="entry-details panel stack-tight" aria-label="The chosen entry">
      {entry === null ? (
        <p className="soft">Choose an entry to see all of it.</p>
      ) : (
        <>
          <p className="soft small">
            {entryTypeNames[entry.type]} · entry {formatNumber(entry.seq)}
          </p>
          <p className="entry-sentence">{sentence}</p>
          <p className="soft small">
            <When at={entry.at} /> · {actorWords(entry)}
          </p>
          <Record key={entry.seq} entry={entry} />
        </>
      )}
    </section>
  )
}
