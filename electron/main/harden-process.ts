/** What must be true of this process before anything else happens in it. */
import { app } from 'electron'
import { hasErrorCode } from './error-code.ts'

/** Chromium's own ways to the network, and to less isolation, closed before it starts. */
const switches: readonly (readonly [string, string?])[] = [
  // Every host name and address fails to resolve: no bug of ours or Chromium's can reach the network through it.
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  ['disable-sync'],
  ['no-pings'],
  ['disable-quic'],
  ['force-webrtc-ip-handling-policy', 'disable_non_proxied_udp'],
  ['disable-breakpad'],
  // Windows of one site share a renderer process when there are many: then killing one's process would not be ours to do.
  ['renderer-process-limit', '100'],
  // Shared memory of the GPU process and a 3D context are places where pixels of a secret need not be.
  ['disable-3d-apis'],
  [
    'disable-features',
    [
      'AutofillServerCommunication',
      'CertificateTransparencyComponentUpdater',
      'MediaRouter',
      'NetworkTimeServiceQuerying',
      'OptimizationHints',
      'Prerender2',
      'SpareRendererForSitePerProcess',
      'Translate',
      'WebBluetooth',
    ].join(','),
  ],
]

/** Sets the umask, Chromium's switches and the sandbox of every renderer. Call before `ready`. */
export function hardenProcess(): void {
  // Whatever this process or its children create is for this user only.
  process.umask(0o077)
  for (const [name, value] of switches) app.commandLine.appendSwitch(name, value)
  app.enableSandbox()
  // Software drawing: at 3 a.m. no graphics driver decides whether the window opens, and no secret is drawn outside.
  app.disableHardwareAcceleration()
  // The reader of our output may go first; that must not end an open window.
  process.stdout.on('error', ignoreBrokenPipe)
  process.stderr.on('error', ignoreBrokenPipe)
}

function ignoreBrokenPipe(error: Error): void {
  if (!hasErrorCode(error, 'EPIPE')) throw error
}
