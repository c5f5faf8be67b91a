/** An rsyslog of a test's own: TLS, one file of raw messages. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Authority, Certificate } from './certificates.ts'
import {
  canConnect,
  findFreePort,
  giveFolder,
  makeServerFolder,
  startServerProcess,
  waitUntilReady,
  type ServerProcess,
} from './server-process.ts'

/** A message as rsyslog wrote it down. */
export interface ReceivedMessage {
  readonly type: string
  readonly vault: string
  readonly station: string
  /** -1 in a checkpoint. */
  readonly seq: number
  readonly hash: string
  readonly body: string
}

export interface RsyslogServer {
  readonly port: number
  readonly readLines: () => string[]
  readonly readMessages: () => ReceivedMessage[]
  readonly useCertificate: (certificate: Certificate) => Promise<void>
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
  readonly start: () => Promise<void>
  readonly remove: () => Promise<void>
}

const line =
  /^<(?<pri>\d+)>1 (?<at>\S+) (?<host>\S+) halligan - (?<type>\S+) \[halligan@32473 vault="(?<vault>[^"]*)" station="(?<station>[^"]*)" (?:seq="(?<seq>\d+)" hash="(?<hash>[^"]*)"|size="\d+" root="[^"]*" note="[^"]*")\] ?(?<body>.*)$/

/** `permitted`: common name that a client's certificate must have; null: clients need none. */
export async function startRsyslog(
  authority: Authority,
  certificate: Certificate,
  permitted: string | null = null,
): Promise<RsyslogServer> {
  const { dir, remove } = makeServerFolder('rsyslog')
  const state = path.join(dir, 'state')
  mkdirSync(state)
  const port = await findFreePort()
  const [ca, cert, key] = ['ca.pem', 'server.pem', 'server.key'].map((name) => path.join(dir, name)) as [
    string,
    string,
    string,
  ]
  const output = path.join(state, 'messages')
  writeFileSync(ca, authority.ca)
  const peers =
    permitted === null
      ? 'streamDriver.authMode="anon"'
      : `streamDriver.authMode="x509/name" permittedPeer=["${permitted}"]`
  // As docs/sinks/syslog.md tells people to set it, with a file per test.
  writeFileSync(
    path.join(dir, 'rsyslog.conf'),
    [
      `global(workDirectory="${state}" maxMessageSize="64k" defaultNetstreamDriver="gtls"`,
      `  defaultNetstreamDriverCAFile="${ca}" defaultNetstreamDriverCertFile="${cert}" defaultNetstreamDriverKeyFile="${key}")`,
      `module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" ${peers})`,
      `input(type="imtcp" port="${port}" address="127.0.0.1")`,
      'template(name="raw" type="string" string="%rawmsg%\\n")',
      `action(type="omfile" file="${output}" template="raw")`,
      '',
    ].join('\n'),
  )
  const writeCertificate = (next: Certificate): void => {
    writeFileSync(cert, next.cert)
    writeFileSync(key, next.key)
    giveFolder(dir)
  }
  writeCertificate(certificate)

  let server: ServerProcess | null = null
  const start = async (): Promise<void> => {
    const files = ['-f', path.join(dir, 'rsyslog.conf'), '-i', path.join(state, 'pid')]
    server = startServerProcess('/usr/sbin/rsyslogd', ['-n', ...files], dir)
    await waitUntilReady(server, () => canConnect(port))
  }
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    await server?.stop(signal)
    server = null
  }
  await start()
  const readLines = (): string[] => (existsSync(output) ? readFileSync(output, 'utf8').split('\n').slice(0, -1) : [])
  return {
    port,
    readLines,
    readMessages: () =>
      readLines().flatMap((text) => {
        const groups = line.exec(text)?.groups
        // rsyslog's own messages about broken connections stand in the same file.
        if (groups === undefined) return []
        const { type = '', vault = '', station = '', seq = '-1', hash = '', body = '' } = groups
        return [{ type, vault, station, seq: Number(seq), hash, body }]
      }),
    useCertificate: async (next) => {
      await stop()
      writeCertificate(next)
      await start()
    },
    stop,
    start,
    remove: async () => {
      await stop()
      remove()
    },
  }
}
