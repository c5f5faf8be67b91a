/** A certificate authority for tests and what it signs, by openssl: the servers read the files, the sinks the texts. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { capture } from '../../../build/run-command.ts'

/** A certificate and its key: paths, and PEM texts. */
export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

interface Wish {
  /** Common name; PostgreSQL reads a client's login from it. */
  readonly name: string
  /** Alternative names, `DNS:…` or `IP:…`. */
  readonly names?: readonly string[]
  /** From now; negative: it has expired. */
  readonly days?: number
}

export interface Authority {
  readonly caFile: string
  readonly ca: string
  readonly sign: (file: string, wish: Wish) => Certificate
}

const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

function openssl(args: readonly string[]): void {
  const done = capture('openssl', args)
  if (done.code !== 0) throw new Error(`openssl ${args[0] ?? ''}: ${done.stderr}`)
}

/** A new authority whose files are in `dir` under names that begin with `prefix`. */
export function createAuthority(dir: string, prefix = 'ca'): Authority {
  const caFile = path.join(dir, `${prefix}.pem`)
  const caKey = path.join(dir, `${prefix}.key`)
  const rights = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']
  openssl([
    'req',
    '-x509',
    ...elliptic,
    '-keyout',
    caKey,
    '-out',
    caFile,
    '-days',
    '30',
    '-subj',
    `/CN=Halligan test ${prefix}`,
    ...rights,
  ])
  return {
    caFile,
    ca: readFileSync(caFile, 'utf8'),
    sign: (file, { name, names = ['DNS:localhost', 'IP:127.0.0.1'], days = 30 }) => {
      const base = path.join(dir, file)
      const [certFile, keyFile, request] = [`${base}.pem`, `${base}.key`, `${base}.csr`]
      const alternative = ['-addext', `subjectAltName=${names.join(',')}`]
      openssl(['req', ...elliptic, '-keyout', keyFile, '-out', request, '-subj', `/CN=${name}`, ...alternative])
      const signing = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-copy_extensions', 'copyall']
      openssl(['x509', '-req', '-in', request, ...signing, '-days', String(days), '-out', certFile])
      return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
    },
  }
}
