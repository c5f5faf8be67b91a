/** One call to WebAuthn, in the words of the tap contract. */
import {
  startAuthentication,
  startRegistration,
  type AuthenticationExtensionsClientInputs,
  type AuthenticationExtensionsClientOutputs,
} from '@simplewebauthn/browser'
import { fromBase64Url } from '../../shared/bytes.ts'
import type { Input } from '../../shared/contracts/contract.ts'
import type { CreateAnswer, TapAnswer, tapContract } from '../../shared/contracts/tap.ts'
import { rpId } from '../../shared/domain/tap.ts'
import { sealPassphrase, sealSecret, type PrfValues } from './seal-secret.ts'

export type CreateInput = Input<typeof tapContract, 'create'>
export type GetInput = Input<typeof tapContract, 'get'>
type FailureName = Extract<TapAnswer, { ok: false }>['name']

const failureNames: readonly FailureName[] = [
  'NotAllowedError',
  'InvalidStateError',
  'AbortError',
  'SecurityError',
  'NotSupportedError',
  'UnknownError',
  'TimeoutError',
]

/** The contract's name for what WebAuthn threw; the library wraps it and keeps the name. */
export function nameFailure(error: unknown): FailureName {
  const name = error instanceof Error || error instanceof DOMException ? error.name : ''
  return failureNames.find((known) => known === name) ?? 'UnknownError'
}

type Transport = GetInput['allow'][number]['transports'][number]
const knownTransports: readonly Transport[] = ['usb', 'nfc', 'ble', 'smart-card', 'hybrid', 'internal', 'cable']

function describeKey(key: { readonly id: string; readonly transports: readonly Transport[] }) {
  // An empty list would mean "by no way at all" to some browsers; leaving it out means "by any".
  return key.transports.length === 0
    ? { id: key.id, type: 'public-key' as const }
    : { id: key.id, type: 'public-key' as const, transports: [...key.transports] }
}

/** Registers a key: non-discoverable (old keys hold only 25 resident ones), user verification required. */
export async function createKey(input: CreateInput): Promise<CreateAnswer> {
  const answer = await startRegistration({
    optionsJSON: {
      challenge: input.challenge,
      rp: { id: rpId, name: 'Halligan' },
      user: { id: input.userId, name: input.userName, displayName: input.userName },
      pubKeyCredParams: [
        { type: 'public-key', alg: -7 },
        { type: 'public-key', alg: -8 },
      ],
      authenticatorSelection: { residentKey: 'discouraged', requireResidentKey: false, userVerification: 'required' },
      attestation: input.attestation,
      excludeCredentials: input.exclude.map(describeKey),
      timeout: input.timeoutMs,
      extensions: { prf: {} },
    },
  })
  return {
    ok: true,
    key: answer.id,
    attestationObject: answer.response.attestationObject,
    clientDataJSON: answer.response.clientDataJSON,
    transports: knownTransports.filter((known) => answer.response.transports?.some((named) => named === known)),
  }
}

/** PRF inputs per key; undefined when no key is asked for any. */
function prfInputs(input: GetInput): AuthenticationExtensionsClientInputs | undefined {
  const evalByCredential: Record<string, { first: BufferSource; second?: BufferSource }> = {}
  for (const { id, salts } of input.allow) {
    if (salts === null) continue
    const first = fromBase64Url(salts.first)
    evalByCredential[id] = salts.second === null ? { first } : { first, second: fromBase64Url(salts.second) }
  }
  return Object.keys(evalByCredential).length === 0 ? undefined : { prf: { evalByCredential } }
}

const viewOf = (value: ArrayBuffer | ArrayBufferView): Uint8Array =>
  value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)

/** Views on the key's own answer, so that wiping them wipes the answer. */
function takePrfValues(outputs: AuthenticationExtensionsClientOutputs): PrfValues | null {
  const results = outputs.prf?.results
  if (results === undefined) return null
  return { first: viewOf(results.first), second: results.second === undefined ? null : viewOf(results.second) }
}

/**
 * Asks for a touch of one of the allowed keys. PRF output and passphrase leave this function encrypted only; the caller
 * wipes the passphrase.
 */
export async function touchKey(input: GetInput, passphrase: Uint8Array | null): Promise<TapAnswer> {
  const extensions = prfInputs(input)
  const answer = await startAuthentication({
    optionsJSON: {
      challenge: input.challenge,
      rpId,
      allowCredentials: input.allow.map(describeKey),
      userVerification: 'required',
      timeout: input.timeoutMs,
      ...(extensions === undefined ? {} : { extensions }),
    },
  })
  const values = takePrfValues(answer.clientExtensionResults)
  try {
    return {
      ok: true,
      key: answer.id,
      assertion: {
        authenticatorData: answer.response.authenticatorData,
        clientDataJSON: answer.response.clientDataJSON,
        signature: answer.response.signature,
      },
      secret: values === null ? null : await sealSecret(values, input.strongroomKey, input.challenge),
      ...(passphrase === null
        ? {}
        : { passphrase: await sealPassphrase(passphrase, input.strongroomKey, input.challenge) }),
    }
  } finally {
    values?.first.fill(0)
    values?.second?.fill(0)
  }
}
