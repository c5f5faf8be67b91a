/** A security key in words: how it is held, which model it is, what somebody should know of it. */
import type { AppState } from '../../../shared/contracts/app.ts'

export type KeyView = AppState['persons'][number]['keys'][number]

const transportNames: Readonly<Record<KeyView['transports'][number], string>> = {
  usb: 'USB',
  nfc: 'NFC',
  ble: 'Bluetooth',
  'smart-card': 'smart card',
  hybrid: 'another device',
  internal: 'built in',
  cable: 'cable',
}

/** An AAGUID of zeros: the key said nothing about its model. */
const unsaid = /^[0-]+$/

/** `YubiKey 5C NFC` where it was proved, else what the key says of itself. */
export function describeModel({ model, aaguid }: Pick<KeyView, 'model' | 'aaguid'>): string {
  if (model !== null) return `${model} (proven)`
  return unsaid.test(aaguid) ? 'Model not told' : `Model ${aaguid} (not proven)`
}

/** `USB, NFC`; empty where the key told none. */
export const describeTransports = ({ transports }: Pick<KeyView, 'transports'>): string =>
  transports.map((transport) => transportNames[transport]).join(', ')

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()

/** Why a key of somebody cannot have this name; null when it can. `own` is the name that it has now. */
export function checkLabel(label: string, keys: readonly Pick<KeyView, 'label'>[], own: string | null): string | null {
  if (label.trim() === '') return 'The key needs a name.'
  const isTaken = keys.some((key) => key.label !== own && sameName(key.label, label))
  return isTaken ? 'Another key of this person has that name.' : null
}

/** A name for the next key that is not taken yet. */
export function suggestLabel(keys: readonly Pick<KeyView, 'label'>[]): string {
  const usual = ['Spare key', 'Second spare key']
  return (
    usual.find((name) => checkLabel(name, keys, null) === null) ??
    Array.from({ length: keys.length + 1 }, (_, at) => `Key ${at + 1}`).find(
      (name) => checkLabel(name, keys, null) === null,
    ) ??
    ''
  )
}
