/** Makes a secret in the place of typing one: nobody has to think of it, and nobody has to see it. */
import { useState, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { ChooseMany, YesNo } from '../../ui/choices.tsx'
import { NumberField } from '../../ui/number-field.tsx'
import { Select } from '../../ui/select.tsx'
import type { DraftField } from '../draft.ts'
import type { Makers } from '../seal-store.ts'
import {
  characterBits,
  characterCounts,
  characterKinds,
  makeCharacters,
  makeSeed,
  makeWords,
  wordBits,
  wordCounts,
  type CharacterKind,
} from './secrets.ts'

type Way = 'characters' | 'words' | 'ssh' | 'seed'

const wayNames: Readonly<Record<Way, string>> = {
  characters: 'Characters',
  words: 'Words that can be said aloud',
  ssh: 'SSH key pair (Ed25519)',
  seed: 'Seed of one-time codes (160 bits)',
}
const kindNames: Readonly<Record<CharacterKind, string>> = {
  lower: 'Small letters',
  upper: 'Capital letters',
  digits: 'Digits',
  symbols: 'Symbols',
}

/** What can be generated for a field of this type. */
function waysFor({ type }: DraftField): readonly Way[] {
  if (type === 'totp') return ['seed']
  if (type === 'multiline') return ['ssh', 'characters', 'words']
  return ['characters', 'words']
}

interface Props {
  readonly field: DraftField
  readonly makers: Makers
  readonly onChange: (field: DraftField) => void
  /** The public part of a pair, for a field of its own. */
  readonly onPublicKey: (line: string) => void
}

/** Settings and the button. */
export function Generator({ field, makers, onChange, onPublicKey }: Props): ReactNode {
  const ways = waysFor(field)
  const [way, setWay] = useState<Way>(ways[0] ?? 'characters')
  const [length, setLength] = useState(24)
  const [count, setCount] = useState(8)
  const [kinds, setKinds] = useState<readonly CharacterKind[]>(['lower', 'upper', 'digits'])
  const [unambiguous, setUnambiguous] = useState(true)
  const [said, setSaid] = useState('')
  const wish = { length, kinds, unambiguous }
  const bits =
    way === 'characters' ? characterBits(wish) : way === 'words' ? wordBits(count) : way === 'ssh' ? 128 : 160

  const make = async (): Promise<void> => {
    if (way === 'ssh') {
      const { privateKey, publicKey } = await makers.sshKey()
      onChange({ ...field, text: privateKey })
      onPublicKey(publicKey)
    } else if (way === 'seed') onChange({ ...field, text: await makeSeed(makers.random) })
    else if (way === 'words') onChange({ ...field, text: await makeWords(makers.random, count) })
    else onChange({ ...field, text: await makeCharacters(makers.random, wish) })
    setSaid('Generated. It stays hidden, and is sealed as it is.')
  }
  const copy = async (): Promise<void> => {
    const isCopied = (await makers.copy?.(field.text)) === true
    setSaid(isCopied ? 'Copied. The clipboard is cleared after 30 seconds.' : 'It could not be copied.')
  }
  return (
    <div className="generator stack-tight" role="group" aria-label={`Generate: ${field.label}`}>
      {ways.length > 1 && (
        <Select label="Kind" options={ways.map((id) => ({ id, name: wayNames[id] }))} value={way} onChange={setWay} />
      )}
      {way === 'characters' && (
        <>
          <NumberField label="Length" value={length} onChange={setLength} {...characterCounts} />
          <ChooseMany
            label="Made of"
            options={characterKinds.map((id) => ({ id, name: kindNames[id] }))}
            value={kinds}
            onChange={setKinds}
            error={kinds.length === 0 ? 'Choose at least one.' : null}
          />
          <YesNo
            label="Without characters that are taken for one another (0 and O, 1 and l)"
            value={unambiguous}
            onChange={setUnambiguous}
          />
        </>
      )}
      {way === 'words' && <NumberField label="Words" value={count} onChange={setCount} {...wordCounts} />}
      <div className="row">
        <Button isDisabled={bits === 0} onPress={() => void make()}>
          {field.text === '' ? 'Generate' : 'Generate another'}
        </Button>
        {makers.copy !== null && field.text !== '' && way !== 'seed' && (
          <Button look="quiet" onPress={() => void copy()}>
            Copy
          </Button>
        )}
        <span className="soft">
          {Math.floor(bits)} bits{bits < 80 && ': too easy to guess for a root account'}
        </span>
      </div>
      <p className="small" role="status">
        {said}
      </p>
    </div>
  )
}
