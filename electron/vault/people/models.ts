/**
 * Models of security keys from the file that the FIDO Alliance publishes (Metadata Service v3.1, the "BLOB"): a signed JSON of
 * all models with the certificates that vouch for them. Read from a file that somebody brought; nothing is looked up.
 */
import { verify, X509Certificate } from 'node:crypto'
import { open } from 'node:fs/promises'
import { SettingsService } from '@simplewebauthn/server'
import { z } from 'zod'
import { fromBase64, fromUtf8, toBase64Url } from '../../../shared/bytes.ts'
import type { Clock } from '../../../shared/clock.ts'
import type { appContract } from '../../../shared/contracts/app.ts'
import type { Output } from '../../../shared/contracts/contract.ts'
import { aaguidSchema, keyModelSchema, type KeyModel } from '../../../shared/domain/manifest.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { checkCertificatePath, readCertificate } from '../../platform/certificate-path.ts'

type ModelFile = NonNullable<Output<typeof appContract, 'models.read'>>

/** The published file has about 10 MB. */
const fileBytesMax = 40 * 1_048_576
/** What is handed to the app window: names and roots, without the pictures that make up most of the file. */
const rootBytesMax = 6 * 1_048_576

/** Whom the signing certificate must be issued to. Without this rule every customer of the same authority could sign. */
const signerHost = 'mds.fidoalliance.org'

const refuse = (why: string, cause?: unknown): HalliganError => new HalliganError('METADATA_INVALID', { why }, cause)

/** DER of the roots that the FIDO Alliance names for its file (GlobalSign Root R3 and R46), as the library ships them. */
export const metadataRoots = (): Uint8Array[] =>
  SettingsService.getRootCertificates({ identifier: 'mds' }).map((pem) => new Uint8Array(new X509Certificate(pem).raw))

const headerSchema = z.looseObject({ alg: z.enum(['RS256', 'ES256']), x5c: z.array(z.string()).min(1).max(6) })
const payloadSchema = z.looseObject({
  no: z.number().int().nonnegative(),
  nextUpdate: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  entries: z.array(z.unknown()).max(50_000),
})
const entrySchema = z.looseObject({
  aaguid: aaguidSchema,
  metadataStatement: z.looseObject({
    description: z.string(),
    protocolFamily: z.literal('fido2'),
    attestationTypes: z.array(z.string()),
    attachmentHint: z.array(z.string()).optional(),
    attestationRootCertificates: z.array(z.string()),
  }),
  statusReports: z.array(z.looseObject({ status: z.string() })),
})

/** Reports after which a model's attestation or its keys are worth nothing. */
const broken: ReadonlySet<string> = new Set([
  'REVOKED',
  'USER_VERIFICATION_BYPASS',
  'ATTESTATION_KEY_COMPROMISE',
  'USER_KEY_REMOTE_COMPROMISE',
  'USER_KEY_PHYSICAL_COMPROMISE',
])

function parseOr<T>(why: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw refuse(why, error)
  }
}

const parsePart = (part: string): unknown => JSON.parse(fromUtf8(Buffer.from(part, 'base64url')))

/** One line of text for people, as names are stored. */
const tidy = (text: string): string =>
  text
    .replace(/[^\P{C}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120)
    .trim()

/** A security key that can prove its model; null for everything else in the file. */
function readModel(entry: unknown): KeyModel | null {
  const parsed = entrySchema.safeParse(entry)
  if (!parsed.success) return null
  const { aaguid, metadataStatement, statusReports } = parsed.data
  const { description, attestationTypes, attachmentHint, attestationRootCertificates } = metadataStatement
  const attests = attestationTypes.includes('basic_full') || attestationTypes.includes('attca')
  const isKey = attachmentHint?.includes('external') ?? true
  if (!attests || !isKey || statusReports.some(({ status }) => broken.has(status))) return null
  try {
    const roots = attestationRootCertificates.map((text) => fromBase64(text.replace(/\s/g, '')))
    if (roots.some((root) => readCertificate(root) === undefined)) return null
    const model = { aaguid, name: tidy(description), roots: [...new Set(roots.map(toBase64Url))] }
    return keyModelSchema.parse(model)
  } catch {
    return null
  }
}

/** @throws HalliganError METADATA_INVALID {why} unless a certificate of `signerHost`, on a path to an anchor, signed the file. */
function checkSignature(blob: string, header: z.infer<typeof headerSchema>, anchors: Uint8Array[], wall: number): void {
  const chain = parseOr('signer', () => header.x5c.map((text) => fromBase64(text.replace(/\s/g, ''))))
  const problem = checkCertificatePath(chain, anchors, wall)
  if (problem !== null) throw refuse(problem)
  const signer = chain[0] === undefined ? undefined : readCertificate(chain[0])
  if (signer?.checkHost(signerHost) === undefined) throw refuse('signer')
  const { publicKey } = signer
  if (publicKey.asymmetricKeyType !== (header.alg === 'RS256' ? 'rsa' : 'ec')) throw refuse('signature')
  const end = blob.lastIndexOf('.')
  const signed = Buffer.from(blob.slice(0, end), 'utf8')
  const signature = Buffer.from(blob.slice(end + 1), 'base64url')
  const isGood = parseOr('signature', () =>
    verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature),
  )
  if (!isGood) throw refuse('signature')
}

/**
 * The security keys in a metadata file that can prove their model, by name.
 * @param wall time by which its certificates are judged (ms).
 * @throws HalliganError METADATA_INVALID {why}: form, signer, unknown-root, expired, signature, content, size.
 */
export function parseModels(bytes: Uint8Array, anchors: Uint8Array[], wall: number): ModelFile {
  const blob = parseOr('form', () => fromUtf8(bytes).trim())
  const parts = blob.split('.')
  const [head, body] = parts
  if (parts.length !== 3 || head === undefined || body === undefined || !/^[\w.-]+$/.test(blob)) throw refuse('form')
  const header = parseOr('form', () => headerSchema.parse(parsePart(head)))
  // Nothing of the content is looked at before it is known whose it is.
  checkSignature(blob, header, anchors, wall)
  const { no, nextUpdate, entries } = parseOr('content', () => payloadSchema.parse(parsePart(body)))
  const byId = new Map<string, KeyModel>()
  for (const entry of entries) {
    const model = readModel(entry)
    if (model !== null) byId.set(model.aaguid, model)
  }
  const models = [...byId.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'))
  if (models.length === 0) throw refuse('content')
  if (models.flatMap(({ roots }) => roots).reduce((sum, { length }) => sum + length, 0) > rootBytesMax) {
    throw refuse('size')
  }
  return { models, number: no, nextUpdate }
}

/**
 * {@link parseModels} of a file.
 * @throws HalliganError METADATA_INVALID {why}, also when it cannot be read.
 */
export async function readModels(path: string, clock: Clock): Promise<ModelFile> {
  return parseModels(await readBounded(path), metadataRoots(), clock.wall())
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw refuse('unreadable', error)
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw refuse('unreadable')
    if (stat.size > fileBytesMax) throw refuse('size')
    const buffer = new Uint8Array(stat.size)
    const { bytesRead } = await file.read(buffer, 0, stat.size, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
