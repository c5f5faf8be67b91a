/** The one place where windows are made (control 1): every preference that could open a wall is set here, for all alike. */
import { BrowserWindow, nativeTheme, type BrowserWindowConstructorOptions, type WebPreferences } from 'electron'
import path from 'node:path'
import { addressOf, isAddressOf, manualQuery, type WindowKind } from './page-address.ts'
import { watchReadiness, type GivePort } from './port-handover.ts'
import { killProcess } from './process-end.ts'
import type { Serving } from './app-protocol.ts'
import { watchShortcuts } from './shortcuts.ts'
import { sessionFor } from './window-session.ts'

/** Where the app's files are, and what Ctrl+L does. */
export interface WindowResources {
  /** The folder of main.cjs and preload/. */
  readonly appDir: string
  readonly serving: Serving
  /** Closes everything sensitive at once. */
  readonly hideEverything: () => void
}

/** How one window differs from others of its kind. */
export interface WindowPlan {
  readonly title: string
  readonly parent: BrowserWindow | null
  /** Development builds: the tap page waits to be told (see {@link manualQuery}). */
  readonly manual: boolean
  readonly onReady: (give: GivePort) => void
}

const shapes: Readonly<Record<WindowKind, BrowserWindowConstructorOptions>> = {
  app: { width: 1280, height: 800, minWidth: 1024, minHeight: 700 },
  tap: { width: 980, height: 720, minWidth: 760, minHeight: 600, minimizable: false, fullscreenable: false },
  seal: { width: 900, height: 760, minWidth: 720, minHeight: 560, minimizable: false, fullscreenable: false },
  reveal: {
    width: 1000,
    height: 720,
    minWidth: 760,
    minHeight: 560,
    minimizable: false,
    fullscreenable: false,
  },
  // Never shown: it is drawn on paper.
  print: { width: 900, height: 1200, focusable: false, skipTaskbar: true },
}

/** The paper of renderer/ui/tokens.css, so that a window opens without a flash. */
const paperColour = (): string => (nativeTheme.shouldUseDarkColors ? '#13171a' : '#f3f2ee')

function preferencesFor(kind: WindowKind, resources: WindowResources): WebPreferences {
  return {
    session: sessionFor(kind, resources.serving),
    preload: path.join(resources.appDir, 'preload', `${kind}.cjs`),
    sandbox: true,
    contextIsolation: true,
    webSecurity: true,
    allowRunningInsecureContent: false,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    plugins: false,
    experimentalFeatures: false,
    enableWebSQL: false,
    webgl: false,
    // A spellchecker reads what is typed, and may fetch a dictionary.
    spellcheck: false,
    // Prepared unseen while people tap: after the last tap it must answer at once.
    // What is printed is never seen at all.
    backgroundThrottling: kind !== 'reveal' && kind !== 'print',
    // alert() and confirm() of a page could look like ours.
    disableDialogs: true,
    navigateOnDragDrop: false,
    devTools: __DEV_BUILD__,
    // A tap is confirmed by a tone as well; nobody has clicked in that page when the first one sounds.
    ...(kind === 'tap' ? { autoplayPolicy: 'no-user-gesture-required' as const } : {}),
  }
}

/** Beside nothing, over the middle of its parent; Linux window managers do not do that by themselves. */
function placeOver(
  parent: BrowserWindow | null,
  shape: BrowserWindowConstructorOptions,
): BrowserWindowConstructorOptions {
  if (parent === null) return {}
  const { x, y, width, height } = parent.getBounds()
  return {
    x: Math.max(0, Math.round(x + (width - (shape.width ?? 0)) / 2)),
    y: Math.max(0, Math.round(y + (height - (shape.height ?? 0)) / 2)),
  }
}

/**
 * Makes a window of `kind`, unseen, and starts loading its page. The title stays what it is: a page cannot name its window.
 * A modal child on Windows and Linux; on macOS that would be a sheet, which cannot be closed, so there it is a child.
 */
export function createWindow(kind: WindowKind, plan: WindowPlan, resources: WindowResources): BrowserWindow {
  const shape = shapes[kind]
  const window = new BrowserWindow({
    ...shape,
    ...placeOver(plan.parent, shape),
    ...(plan.parent === null ? {} : { parent: plan.parent, modal: process.platform !== 'darwin' }),
    show: false,
    title: plan.title,
    backgroundColor: paperColour(),
    autoHideMenuBar: true,
    webPreferences: preferencesFor(kind, resources),
  })
  window.on('page-title-updated', (event) => {
    event.preventDefault()
  })
  const contents = window.webContents
  watchReadiness(contents, kind, sessionFor(kind, resources.serving), plan.onReady)
  watchShortcuts(contents, resources.hideEverything)
  // Chromium asks nobody before a page blanks itself (about:blank): a page that left is treated as one that died.
  contents.on('did-navigate', (_event, address) => {
    if (!isAddressOf(kind, address)) killProcess(contents.getOSProcessId())
  })
  void loadPage(window, kind, plan.manual)
  return window
}

/** (Re)loads the page of a window. Rejections are the window's end during loading, which others notice. */
export async function loadPage(window: BrowserWindow, kind: WindowKind, manual: boolean): Promise<void> {
  try {
    await window.loadURL(addressOf(kind, manual ? manualQuery : ''))
  } catch {
    // Closed while loading, or loaded anew: 'closed' and readiness tell what matters.
  }
}

/** Whether this system keeps screen captures out when asked to; only what is known to hold is called 'on'. */
export const captureProtection = (): 'on' | 'not-supported-here' =>
  // macOS ignores it for ScreenCaptureKit, Linux altogether.
  process.platform === 'win32' ? 'on' : 'not-supported-here'
