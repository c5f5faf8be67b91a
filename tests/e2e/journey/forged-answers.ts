/**
 * A tap page that lies: it keeps what a key answered and gives it again, asks the key about something else, or answers
 * late. It stands for a renderer that was taken over; the strongroom must not believe it.
 */
import type { Page } from 'playwright'

/** A key's answer as it crossed the page, base64. */
export interface KeptAnswer {
  readonly id: string
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
}

/** What the page does with the next touch. */
type Lie =
  | { readonly kind: 'keep' }
  | { readonly kind: 'answer'; readonly kept: KeptAnswer }
  | { readonly kind: 'other-challenge' }
  | { readonly kind: 'never' }

/** The tap page's `navigator.credentials.get` under the test's control, one touch at a time. */
export interface LyingPage {
  /** Call when the page waits for a touch; holds for that touch. */
  readonly next: (lie: Lie) => Promise<void>
  /** The answers kept so far, oldest first. */
  readonly kept: readonly KeptAnswer[]
}

/** Takes over the kept tap page. */
export async function takeOver(tap: Page): Promise<LyingPage> {
  const kept: KeptAnswer[] = []
  // Outlives the document, which is loaded anew after a tap.
  await tap.exposeFunction('halliganKeepAnswer', (answer: KeptAnswer) => void kept.push(answer))
  const next = async (lie: Lie): Promise<void> => {
    await tap.getByRole('button', { name: 'Touch now' }).and(tap.locator(':enabled')).waitFor({ timeout: 20_000 })
    await tap.evaluate(patchNextAnswer, lie)
  }
  return { next, kept }
}

/** Runs inside the page. */
function patchNextAnswer(lie: Lie): void {
  const container = navigator.credentials
  const original = CredentialsContainer.prototype.get.bind(container)
  const toBase64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  const fromBase64 = (text: string): ArrayBuffer => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer
  const keep = async (options: CredentialRequestOptions): Promise<Credential | null> => {
    const credential = (await original(options)) as PublicKeyCredential
    const response = credential.response as AuthenticatorAssertionResponse
    const told = globalThis as unknown as { halliganKeepAnswer: (answer: unknown) => Promise<void> }
    await told.halliganKeepAnswer({
      id: credential.id,
      authenticatorData: toBase64(response.authenticatorData),
      clientDataJSON: toBase64(response.clientDataJSON),
      signature: toBase64(response.signature),
    })
    return credential
  }
  const answer = ({ id, ...response }: KeptAnswer): Credential => {
    const rawId = fromBase64(id.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Object.entries(response).map(([name, text]) => [name, fromBase64(text)])
    const fields: unknown = Object.fromEntries(bytes)
    const credential = { id, rawId, type: 'public-key', response: fields, getClientExtensionResults: () => ({}) }
    return credential
  }
  container.get = async (options: CredentialRequestOptions = {}) => {
    const { publicKey } = options
    const challenge = new Uint8Array(publicKey?.challenge as ArrayBuffer)
    // The table's own question that sets the keys' counters back is about zeros: not the one that is meant.
    if (publicKey === undefined || challenge.every((byte) => byte === 0)) return original(options)
    Reflect.deleteProperty(container, 'get')
    switch (lie.kind) {
      case 'keep':
        return keep(options)
      case 'answer':
        return answer(lie.kept)
      case 'other-challenge':
        return original({ ...options, publicKey: { ...publicKey, challenge: new Uint8Array(32).fill(7) } })
      case 'never':
        return new Promise(() => undefined)
    }
  }
}
