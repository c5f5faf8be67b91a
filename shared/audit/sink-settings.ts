/** What binds a sink's secret and its progress to its settings. */
import { toBase64Url } from '../bytes.ts'
import { canonicalMessage } from '../canonical.ts'
import type { SinkSettings } from '../domain/sink.ts'
import type { Primitives } from '../primitives.ts'

/** Of everything but the name: a secret set for these settings is not used with others. base64url. */
export function settingsHash({ sha256 }: Pick<Primitives, 'sha256'>, settings: SinkSettings): string {
  const { name: _, ...rest } = settings
  return toBase64Url(sha256(canonicalMessage('sink-settings', rest)))
}

function placeOf(settings: SinkSettings): Readonly<Record<string, string | number>> {
  const { kind } = settings
  switch (kind) {
    case 'postgresql': {
      const { host, port, database, schema } = settings
      return { kind, host, port, database, schema }
    }
    case 'syslog': {
      const { host, port } = settings
      return { kind, host, port }
    }
    case 'https':
      return { kind, url: settings.url }
    case 'folder':
      return { kind, path: settings.path }
  }
}

/** Of where the entries go: another place starts with the first entry, another certificate or user does not. base64url. */
export const placeHash = ({ sha256 }: Pick<Primitives, 'sha256'>, settings: SinkSettings): string =>
  toBase64Url(sha256(canonicalMessage('sink-place', placeOf(settings))))
