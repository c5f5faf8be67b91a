/** How every network sink speaks TLS: 1.2 or newer, the server always verified, in full, against the settings' own authority. */
import net from 'node:net'
import tls from 'node:tls'
import { HalliganError } from '../../../shared/errors.ts'
import type { SinkSecret } from '../../../shared/domain/sink.ts'
import type { Peer } from './failures.ts'

/** What of a sink's settings concerns TLS. PEM texts. */
export interface TlsSettings {
  readonly ca?: string | undefined
  readonly clientCertificate?: string | undefined
}

/** What node:tls, node:https and pg take alike. */
export interface TlsOptions {
  readonly rejectUnauthorized: true
  readonly minVersion: 'TLSv1.2'
  readonly ca?: string | string[]
  readonly cert?: string
  readonly key?: string
}

/** Newer than the oldest Node this runs on (22.15); the older one has its own copy of Mozilla's list, and no other. */
function findSystemAuthorities(): string[] | undefined {
  const { getCACertificates } = tls as { getCACertificates?: (kind: 'system') => string[] }
  const found = getCACertificates?.('system')
  return found === undefined || found.length === 0 ? undefined : found
}

/**
 * TLS options of a sink.
 * @throws HalliganError SINK_CERTIFICATE (reason `ca`) or SINK_LOGIN (reason `client-certificate`, `client-key`) when the PEM
 *   texts are not what they should be: said before anybody is asked for a connection
 */
export function makeTlsOptions(settings: TlsSettings, secret: SinkSecret, peer: Peer): TlsOptions {
  const ca = settings.ca ?? findSystemAuthorities()
  const base = {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
  } as const
  tryContext({ ca: settings.ca }, 'SINK_CERTIFICATE', 'ca', peer)
  if (settings.clientCertificate === undefined) return base
  if (secret.clientKey === undefined) throw new HalliganError('SINK_LOGIN', { ...peer, reason: 'client-key' })
  const own = { cert: settings.clientCertificate, key: secret.clientKey }
  tryContext({ cert: own.cert }, 'SINK_LOGIN', 'client-certificate', peer)
  tryContext(own, 'SINK_LOGIN', 'client-key', peer)
  return { ...base, ...own }
}

function tryContext(
  options: tls.SecureContextOptions,
  code: 'SINK_CERTIFICATE' | 'SINK_LOGIN',
  reason: string,
  peer: Peer,
): void {
  try {
    tls.createSecureContext(options)
  } catch {
    // Without the cause: OpenSSL may quote what it could not read, and that may be a key.
    throw new HalliganError(code, { ...peer, reason })
  }
}

/** Server name indication must not be an address (RFC 6066 section 3); the certificate is checked against `host` either way. */
export const serverNameOf = (host: string): { readonly servername?: string } =>
  net.isIP(host) === 0 ? { servername: host } : {}
