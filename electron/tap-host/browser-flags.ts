/** How the browser is started. Each flag has its reason here; docs/tap-in-browser.md repeats them for people. */
import { pathToFileURL } from 'node:url'

/** What differs from start to start. */
export interface BrowserStart {
  /** `--user-data-dir`. */
  readonly dataDir: string
  /** The file that leads to the page: an address on the command line could be read by every user of the machine. */
  readonly startPage: string
  /** Port of the proxy that leads nowhere. */
  readonly deadEndPort: number
  readonly platform: NodeJS.Platform
}

const quiet = [
  // Nobody is asked anything but to touch a key.
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-search-engine-choice-screen',
  '--hide-crash-restore-bubble',
  '--noerrdialogs',
  '--disable-notifications',
  // Code that is not the browser's own could read the page, and with it the PRF output.
  '--disable-extensions',
  '--disable-component-extensions-with-background-pages',
  '--disable-default-apps',
  // The machine may be offline, and if it is not, nobody out there should learn of a tap.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-pings',
  '--disable-breakpad',
  '--disable-crash-reporter',
  // The end of the window is the end of the browser.
  '--disable-background-mode',
  '--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,InterestFeedContentSuggestions',
]

/** Keeps the browser from asking the system's keyring to be unlocked, which it would only need to remember something. */
const keyring: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: '--password-store=basic',
  darwin: '--use-mock-keychain',
}

/** The browser's arguments. None of them tells where the page is. */
export function browserFlags({ dataDir, startPage, deadEndPort, platform }: BrowserStart): string[] {
  const store = keyring[platform]
  return [
    `--user-data-dir=${dataDir}`,
    ...quiet,
    ...(store === undefined ? [] : [store]),
    // Addresses of this machine are never asked of a proxy; everything else is, and there it ends.
    `--proxy-server=http://127.0.0.1:${deadEndPort}`,
    '--window-size=980,880',
    `--app=${pathToFileURL(startPage).href}`,
  ]
}

/** `Default/Preferences` of the fresh profile: nothing is kept, nothing is offered to be kept. */
export const preferences = JSON.stringify({
  history: { saving_disabled: true },
  credentials_enable_service: false,
  credentials_enable_autosignin: false,
  autofill: { profile_enabled: false, credit_card_enabled: false },
  translate: { enabled: false },
  search: { suggest_enabled: false },
  safebrowsing: { enabled: false },
  net: { network_prediction_options: 2 },
  browser: { has_seen_welcome_page: true },
})

/** The page of the file that leads to `address`; it takes its own place, so that there is no way back to it. */
export const startPageText = (address: string): string =>
  `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Halligan</title>` +
  `<script>location.replace(${JSON.stringify(address)})</script>`
