/** Where taps take place on this machine: what was chosen, what there is, and who opens the next tap page. */
import type { TapPlace, TapSettings } from '../../../shared/domain/tap-place.ts'
import { HalliganError } from '../../../shared/errors.ts'
import type { HostedPage, OpenPage } from '../hosted-page.ts'
import { browserOf, chooseTapPlace } from './choose-driver.ts'
import type { TapDriver, TapOrder } from './driver.ts'
import type { TapSettingsFile } from './tap-settings.ts'

export interface TapDriverMeans {
  readonly platform: NodeJS.Platform
  readonly settings: TapSettingsFile
  /** Browsers there are, in order of preference. */
  readonly findBrowsers: () => TapPlace['browsers']
  /** Whether `path` is a program that can be started. */
  readonly isProgram: (path: string) => boolean
  readonly keepsTapWindow: boolean
  /** One for each place; a third driver is one more line. */
  readonly makeDrivers: (browser: () => string | null) => Readonly<Record<TapPlace['place'], TapDriver>>
}

export interface TapDrivers {
  readonly place: () => TapPlace
  /** A person has named this program, in a dialog of ours: `setPlace` takes it from now on. */
  readonly allow: (browserPath: string) => void
  /**
   * Holds from the next tap on; a tap page that is open and stands elsewhere moves. `settings` come from a page: a program
   * that it made up is not started, so it must be one that was found, is in use already, or was allowed in this run.
   * @throws HalliganError BROWSER_NOT_FOUND when `browserPath` is none of those, or nothing that can be started; STORAGE_FAILED
   */
  readonly setPlace: (settings: TapSettings) => TapPlace
  /** Opens a tap page where the settings of this moment say; other pages go to `openOther`. */
  readonly opener: (openOther: OpenPage) => OpenPage
}

interface OpenTap {
  readonly place: TapPlace['place']
  readonly page: HostedPage
  readonly order: TapOrder
}

/** The drivers of this run. Settings are read again for every tap: they may be changed between two. */
export function createTapDrivers(means: TapDriverMeans): TapDrivers {
  const place = (): TapPlace => {
    const { settings, damaged } = means.settings.read()
    return chooseTapPlace(settings, {
      platform: means.platform,
      browsers: means.findBrowsers(),
      isBrowserPathUsable: settings.browserPath !== null && means.isProgram(settings.browserPath),
      settingsDamaged: damaged,
      keepsTapWindow: means.keepsTapWindow,
    })
  }
  const drivers = means.makeDrivers(() => browserOf(place()))
  const allowed = new Set<string>()
  const isKnown = (browserPath: string): boolean =>
    allowed.has(browserPath) ||
    means.settings.read().settings.browserPath === browserPath ||
    means.findBrowsers().some((found) => found.path === browserPath)
  let current: OpenTap | null = null

  const openTap = (order: TapOrder): HostedPage => {
    const where = place().place
    const forget = (): void => {
      if (current?.page === page) current = null
    }
    const opened = drivers[where].open({
      ...order,
      onEnd: (died) => {
        forget()
        order.onEnd(died)
      },
    })
    const page: HostedPage = {
      ...opened,
      close: () => {
        forget()
        return opened.close()
      },
    }
    current = { place: where, page, order }
    return page
  }

  /** To the strongroom it has died, and it opens another, where the settings now say. */
  const move = ({ page, order }: OpenTap): void => {
    const tell = (): void => {
      order.onEnd(true)
    }
    page.close().then(tell, tell)
  }

  return {
    place,
    allow: (browserPath) => void allowed.add(browserPath),
    setPlace: (settings) => {
      const { browserPath } = settings
      if (browserPath !== null && !(isKnown(browserPath) && means.isProgram(browserPath)))
        throw new HalliganError('BROWSER_NOT_FOUND')
      try {
        means.settings.write(settings)
      } catch (error) {
        throw new HalliganError('STORAGE_FAILED', {}, error)
      }
      const chosen = place()
      if (current !== null && current.place !== chosen.place) move(current)
      return chosen
    },
    opener: (openOther) => (order) => (order.kind === 'tap' ? openTap(order) : openOther(order)),
  }
}
