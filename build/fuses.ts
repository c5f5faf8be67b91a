/**
 * The fuses of a package: switches in the Electron binary that no argument, environment variable or file can turn back.
 * Typed as a complete record: a fuse that we have no opinion on does not compile, and one that only the binary knows does
 * not package. https://www.electronjs.org/docs/latest/tutorial/fuses
 */
import { flipFuses, getCurrentFuseWire, FuseV1Options, FuseVersion } from '@electron/fuses'

/** Every fuse, on or off. */
export const packageFuses: Readonly<Record<FuseV1Options, boolean>> = {
  // ELECTRON_RUN_AS_NODE would make our signed binary run any script under our name.
  [FuseV1Options.RunAsNode]: false,
  // Sessions live in memory only; should a cookie ever be kept, it is encrypted.
  [FuseV1Options.EnableCookieEncryption]: true,
  // NODE_OPTIONS=--require would load code into the main process, next to the ports.
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  // --inspect would let any local program read and steer the main process.
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  // A changed app.asar does not start (macOS and Windows; on Linux the signed list of resources does this).
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  // Without it, a folder `resources/app` beside the archive would be loaded in its place, unchecked.
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // We ship no start-up snapshot of our own; one put there would run before our code.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  // Nothing is loaded from file:, so file: needs no rights.
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  // libsodium's WebAssembly: trap handlers catch its out-of-bounds access by page fault. Off would cost speed and win nothing.
  [FuseV1Options.WasmTrapHandlers]: true,
}

/**
 * Sets {@link packageFuses} in an Electron binary.
 * @throws Error when the binary has a fuse that the record does not name
 */
export async function setPackageFuses(executable: string): Promise<void> {
  const wire = await getCurrentFuseWire(executable)
  // An Electron older than a fuse has no such switch to set.
  const fuses = Object.fromEntries(Object.entries(packageFuses).filter(([fuse]) => fuse in wire))
  await flipFuses(executable, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    ...(fuses as typeof packageFuses),
  })
}
