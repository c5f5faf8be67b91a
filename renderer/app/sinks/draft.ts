/** A sink as it is being typed, and what it is when it is whole. */
import { sinkSchema, type SinkKind, type SinkSettings } from '../../../shared/domain/sink.ts'
import { createId, tidy } from '../setup/plan.ts'

/** Every text that any kind of sink asks for, as typed. */
export interface SinkDraft {
  readonly id: string
  readonly kind: SinkKind
  readonly name: string
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly schema: string
  readonly facility: number
  readonly url: string
  readonly mode: 'cloudevents' | 'splunk-hec'
  readonly auth: 'none' | 'token' | 'client-certificate'
  readonly path: string
  readonly ca: string
  readonly clientCertificate: string
}

export type DraftField = keyof SinkDraft

const usualPort: Readonly<Record<SinkKind, number>> = { postgresql: 5432, syslog: 6514, https: 443, folder: 1 }

/** An empty sink of `kind`. */
export const createDraft = (kind: SinkKind): SinkDraft => ({
  id: createId(),
  kind,
  name: '',
  host: '',
  port: usualPort[kind],
  database: 'audit',
  user: 'halligan_writer',
  schema: 'halligan',
  facility: 13,
  url: 'https://',
  mode: 'cloudevents',
  auth: 'token',
  path: '',
  ca: '',
  clientCertificate: '',
})

/** `settings` for changing. */
export const draftOf = (settings: SinkSettings): SinkDraft => ({
  ...createDraft(settings.kind),
  ...settings,
  ca: 'ca' in settings ? (settings.ca ?? '') : '',
  clientCertificate: 'clientCertificate' in settings ? (settings.clientCertificate ?? '') : '',
})

/** The parts of a draft that its kind has, in the form of settings; nothing is checked. */
function partsOf(draft: SinkDraft): Record<string, unknown> {
  const { id, kind, host, port } = draft
  const common = { id, kind, name: tidy(draft.name) }
  const certificate = (text: string, member: string) => (text.trim() === '' ? {} : { [member]: `${text.trim()}\n` })
  const tls = { ...certificate(draft.ca, 'ca'), ...certificate(draft.clientCertificate, 'clientCertificate') }
  switch (kind) {
    case 'postgresql':
      return { ...common, ...tls, host, port, database: draft.database, user: draft.user, schema: draft.schema }
    case 'syslog':
      return { ...common, ...tls, host, port, facility: draft.facility }
    case 'https':
      return { ...common, ...tls, url: draft.url, mode: draft.mode, auth: draft.auth }
    case 'folder':
      return { ...common, path: draft.path }
  }
}

const fieldProblems: Readonly<Partial<Record<DraftField, string>>> = {
  name: 'Give it a name of one line, such as “Log server”.',
  host: 'Enter the name or address of the server, without “https://”.',
  port: 'A port is a number from 1 to 65535.',
  database: 'Enter the name of the database.',
  user: 'Enter the user that may only append.',
  schema: 'Small letters, digits and underscores, as in “halligan”.',
  facility: 'A facility is a number from 0 to 23.',
  url: 'Enter an address that begins with “https://”.',
  path: 'Enter the whole path of a folder on the mounted share or stick.',
  ca: 'Paste certificates as PEM: they begin with “-----BEGIN CERTIFICATE-----”.',
  clientCertificate: 'Paste a certificate as PEM: it begins with “-----BEGIN CERTIFICATE-----”.',
}

const isField = (name: unknown): name is DraftField => typeof name === 'string' && name in fieldProblems

/** The settings, or what is wrong with which field. */
export function readDraft(
  draft: SinkDraft,
): { readonly settings: SinkSettings } | { readonly problems: ReadonlyMap<DraftField, string> } {
  const parsed = sinkSchema.safeParse(partsOf(draft))
  const problems = new Map<DraftField, string>()
  for (const { path } of parsed.error?.issues ?? []) {
    const [field] = path
    const known = isField(field) ? field : 'name'
    problems.set(known, fieldProblems[known] ?? '')
  }
  if (draft.kind === 'https' && draft.auth === 'client-certificate' && draft.clientCertificate.trim() === '') {
    problems.set('clientCertificate', 'Paste the certificate that the server knows us by.')
  }
  return parsed.success && problems.size === 0 ? { settings: parsed.data } : { problems }
}
