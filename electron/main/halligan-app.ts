/** The running app: one app window, one vault process, and the strongrooms that come and go. */
import { app, BrowserWindow, dialog, MessageChannelMain } from 'electron'
import path from 'node:path'
import type { CloseReason } from '../../shared/audit/entry.ts'
import { focusWindow, openAppWindow } from './app-window.ts'
import { sweepProfiles } from '../platform/browser-profiles.ts'
import { browserEnvironment, findBrowsers, resolveBrowser } from '../platform/browsers.ts'
import { chooseFile, chooseFolder, choosePdf } from './choose-path.ts'
import { createClipboardGuard } from './clipboard-guard.ts'
import type { CommandLine } from './command-line.ts'
import { forbidCoreDumps } from './core-dumps.ts'
import { createCourierProcess } from './courier-process.ts'
import { keepTapPage } from './kept-tap-page.ts'
import { findKeychain } from './keychain.ts'
import { openKnownManifests } from './known-manifest.ts'
import { watchNetwork } from './network.ts'
import { notify } from './notify.ts'
import type { OpenPage } from './hosted-page.ts'
import { createPageOpener } from './page-window.ts'
import { watchPower } from './power.ts'
import { printDocument } from './print-document.ts'
import { openRendererFiles } from './renderer-files.ts'
import { createStrongrooms } from './strongrooms.ts'
import { openStationSecrets } from './station-secrets.ts'
import { createBrowserDriver } from './tap-drivers/browser-driver.ts'
import { createTapDrivers } from './tap-drivers/tap-drivers.ts'
import { openTapSettings } from './tap-drivers/tap-settings.ts'
import { createWindowDriver } from './tap-drivers/window-driver.ts'
import { forkUtility } from './utility-port.ts'
import { startVaultProcess } from './vault-process.ts'
import { loadPage, type WindowResources } from './window-factory.ts'

/** What the rest of main may do with the running app. */
export interface HalliganApp {
  /** Ends what is open, lets the vault process write its last entry, clears the clipboard. Once. */
  close(reason: CloseReason): Promise<void>
  focus(): void
}

/** Starts everything. `quit` is called when the app cannot or should not go on. */
export function startHalligan(commandLine: CommandLine, quit: (exitCode: number) => void): HalliganApp {
  const appDir = app.getAppPath()
  const resources: WindowResources = {
    appDir,
    serving: {
      findFile: openRendererFiles(path.join(appDir, 'renderer')),
      isolatesOpeners: !(__DEV_BUILD__ && app.commandLine.hasSwitch('remote-debugging-port')),
    },
    hideEverything: () => void strongrooms.endAll('hidden-by-person'),
  }
  const userData = app.getPath('userData')
  const vaultDir = path.resolve(commandLine.vaultDir ?? path.join(userData, 'vault'))
  const vaultOptions = JSON.stringify({
    dir: vaultDir,
    knownCheckpointFile: path.join(userData, 'known-checkpoint'),
    appVersion: __APP_VERSION__,
    programDir: appDir,
  })

  const clipboard = createClipboardGuard()
  const keepsTapWindow = __DEV_BUILD__ && commandLine.development.keepTapPage
  const openWindow = createPageOpener(resources, () => window)
  const tapWindow: { open: OpenPage } = { open: openWindow }
  const profiles = path.join(userData, 'tap-profiles')
  const sweep = (): void => void sweepProfiles(profiles)
  const taps = createTapDrivers({
    platform: process.platform,
    settings: openTapSettings(userData),
    findBrowsers,
    isProgram: (chosen) => resolveBrowser(chosen) !== null,
    keepsTapWindow,
    makeDrivers: (browser) => ({
      window: createWindowDriver((order) => tapWindow.open(order)),
      browser: createBrowserDriver({
        forkProcess: () => forkUtility(path.join(appDir, 'tap-host.cjs'), [], 'Halligan tap', browserEnvironment()),
        browser,
        profiles,
        files: path.join(appDir, 'tap-browser'),
        onRefused: (operation, refused) => {
          vault.tapPageRefused({ operation, ...refused })
        },
        sweep,
      }),
    }),
  })
  const strongrooms = createStrongrooms({
    forkProcess: () => {
      const child = forkUtility(path.join(appDir, 'strongroom.cjs'), [], 'Halligan strongroom')
      child.once('spawn', () => {
        if (child.pid !== undefined) forbidCoreDumps(child.pid)
      })
      return child
    },
    openPage: taps.opener(openWindow),
    clipboard,
    knownManifests: openKnownManifests(userData, vaultDir),
    giveToVault: (name, operation, port) => {
      vault.givePort(name, operation, port)
    },
    onGone: (operation) => {
      vault.strongroomGone(operation)
    },
  })
  const courier = createCourierProcess({
    forkProcess: () => {
      const child = forkUtility(path.join(appDir, 'courier.cjs'), [], 'Halligan courier')
      child.once('spawn', () => {
        if (child.pid !== undefined) forbidCoreDumps(child.pid)
      })
      return child
    },
    // The name is from when only sinks had any.
    secrets: openStationSecrets(path.join(userData, 'sink-secrets'), findKeychain),
    giveToVault: (port) => {
      vault.givePort('courier', null, port)
    },
  })
  // The window first: its renderer process starts while this one starts the vault's.
  const window = openAppWindow(resources, {
    onReady: (give) => {
      const { port1, port2 } = new MessageChannelMain()
      if (give(port2)) vault.givePort('app', null, port1)
    },
    onClose: () => quit(0),
  })
  const vault = startVaultProcess({
    forkProcess: () => forkUtility(path.join(appDir, 'vault.cjs'), [vaultOptions], 'Halligan vault'),
    host: {
      startStrongroom: ({ operation }) => {
        strongrooms.start(operation)
        return {}
      },
      endStrongroom: async ({ operation, reason }) => {
        await strongrooms.end(operation, reason)
        return {}
      },
      chooseFolder: () => chooseFolder(window, commandLine),
      chooseFile: async ({ purpose }) => {
        const chosen = await chooseFile(window, purpose)
        if (purpose === 'browser' && chosen.path !== null) taps.allow(chosen.path)
        return chosen
      },
      printDocument: (printed) =>
        printDocument(printed, (suggested) => choosePdf(window, commandLine, suggested), resources),
      tapPlace: taps.place,
      setTapPlace: taps.setPlace,
    },
    courierHost: courier.host,
    alertHost: { ...courier.alertSecrets, notify },
    onDied: () => strongrooms.endAll('vault-died'),
    onRestarted: () => void loadPage(window, 'app', false),
    onLost: () => {
      void dialog
        .showMessageBox(window, {
          type: 'error',
          title: 'Halligan',
          message: 'Halligan has to close.',
          detail: 'The process that keeps the vault ended twice. Nothing sealed is lost. Start Halligan again.',
        })
        .then(() => quit(70))
    },
  })
  if (__DEV_BUILD__ && keepsTapWindow) tapWindow.open = keepTapPage(resources, window)
  // What an app that was killed left behind. Nothing may tap before; nobody waits for it.
  setImmediate(sweep)
  watchNetwork(() => {
    vault.networkBack()
  })
  const isAnyOpen = (): boolean => strongrooms.isAnyOpen()
  watchPower(
    isAnyOpen,
    (reason) => void strongrooms.endAll(reason),
    () => quit(0),
  )
  return {
    close: async (reason) => {
      // Nothing stays on the screen while the rest is put away.
      for (const open of BrowserWindow.getAllWindows()) open.hide()
      await strongrooms.endAll(reason)
      await clipboard.clearNow()
      await vault.close()
      courier.close()
    },
    focus: () => focusWindow(window),
  }
}
