/** What the vault protects, opened with what its keys returned: by the second implementation, which only the tests have. */
import { openBoxByHand, openWrapByHand } from '../../support/sealing-oracle.ts'
import { readRows } from './log.ts'

type Wrap = Parameters<typeof openWrapByHand>[0] & { readonly person: string }
interface Header {
  readonly shares: readonly { readonly custodian: string; readonly index: number }[]
}

/** One custodian's secret key, and their share with what stands around it in its envelope. */
export interface OpenedShare {
  readonly secretKey: Buffer
  readonly envelope: Buffer
  /** The last 82 bytes of the envelope. */
  readonly share: Buffer
}

const parse = (bytes: unknown): unknown => JSON.parse(Buffer.from(bytes as Uint8Array).toString('utf8'))
const shareLength = 82

function tryToOpen(wrap: Wrap, outputs: readonly Buffer[]): Uint8Array | null {
  for (const output of outputs) {
    try {
      return openWrapByHand(wrap, output)
    } catch {
      // Another key's output, or one that was used up.
    }
  }
  return null
}

/** The shares of the one credential in the vault whose wraps any of `prfOutputs` opens. */
export async function openShares(vaultDir: string, prfOutputs: readonly Buffer[]): Promise<readonly OpenedShare[]> {
  const [record] = await readRows<{ header: Uint8Array }>(vaultDir, 'SELECT header FROM records')
  const boxes = await readRows<{ idx: number; box: Uint8Array }>(vaultDir, 'SELECT idx, box FROM shares')
  const wraps = await readRows<{ bytes: Uint8Array }>(vaultDir, 'SELECT bytes FROM wraps')
  const { shares } = parse(record?.header) as Header
  return wraps.flatMap(({ bytes }) => {
    const wrap = parse(bytes) as Wrap
    const secretKey = tryToOpen(wrap, prfOutputs)
    const index = shares.find(({ custodian }) => custodian === wrap.person)?.index
    const box = boxes.find(({ idx }) => idx === index)?.box
    if (secretKey === null || box === undefined) return []
    const envelope = Buffer.from(openBoxByHand(Uint8Array.from(box), secretKey))
    return [{ secretKey: Buffer.from(secretKey), envelope, share: envelope.subarray(-shareLength) }]
  })
}
