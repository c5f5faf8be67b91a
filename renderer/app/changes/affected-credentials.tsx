/** After somebody left: which credentials they may still have a part of, and what that means. */
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/pictures.tsx'
import { byRisk, describeRisk } from '../due/due-words.ts'
import { useModel, useNow, useStore, useVaultState } from '../use-app.ts'

/** Rows drawn at once. */
const mostRows = 50

/** Nothing when nobody has left since the credentials were sealed. */
export function AffectedCredentials(): ReactNode {
  const { credentials } = useModel()
  const { safes, ceremony, operation } = useVaultState()
  const { go } = useStore()
  const now = useNow(60_000)
  const left = credentials.filter(({ rotation }) => rotation === 'leaver')
  // What was opened before somebody left is as affected; the vault says the greater reason of the two.
  const hit = new Set(left.map(({ safe }) => safe))
  const affected = credentials
    .filter(({ safe, rotation }) => rotation === 'leaver' || (rotation === 'used' && hit.has(safe)))
    .toSorted(byRisk)
  if (left.length === 0) return null
  return (
    <section className="panel stack-tight affected" aria-labelledby="affected">
      <div className="spread">
        <h2 id="affected">
          Somebody has left: {affected.length === 1 ? 'one credential' : `${affected.length} credentials`} to rotate
        </h2>
        {ceremony === null && (
          <Button
            size="little"
            onPress={() => go({ name: 'plan-ceremony', kind: 'rotation', chosen: affected.map(({ id }) => id) })}
          >
            Start a rotation ceremony
          </Button>
        )}
      </div>
      <p className="soft measure">
        Their shares open nothing in this vault any more. But an old copy of it, with enough others’ keys, still opens
        with theirs, and what was shown to them they have seen. Only a changed secret ends that: the most urgent first.
      </p>
      <ol className="plain-list framed-list">
        {affected.slice(0, mostRows).map((credential) => (
          <li key={credential.id} className="affected-row">
            <Icon name="warn" size={18} />
            <span className="affected-name">
              <strong>{credential.name}</strong>{' '}
              <span className="small soft">
                {safes.find(({ id }) => id === credential.safe)?.name}, {describeRisk(credential, now)}
              </span>
            </span>
            <Button
              size="little"
              look="quiet"
              aria-label={`Seal a new version: ${credential.name}`}
              isDisabled={operation !== null}
              onPress={() => go({ name: 'seal', credential: credential.id })}
            >
              Seal a new version
            </Button>
          </li>
        ))}
      </ol>
      {affected.length > mostRows && <p className="soft">And {affected.length - mostRows} more.</p>}
    </section>
  )
}
