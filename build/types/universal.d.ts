/**
 * What `shared/` may use beyond the language itself: the few globals that Node, Electron and every browser have alike
 * and that do no input or output.
 */
interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>
}
declare const TextEncoder: new () => TextEncoder

interface TextDecoder {
  decode(input?: Uint8Array | ArrayBuffer): string
}
declare const TextDecoder: new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) => TextDecoder

interface URL {
  readonly href: string
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
  readonly search: string
  readonly hash: string
  readonly origin: string
}
declare const URL: (new (url: string, base?: string) => URL) & { canParse(url: string, base?: string): boolean }

declare function structuredClone<T>(value: T): T
