/** Control 5 in the page: what the policy makes of code and markup from text. */
import { expect, test } from 'playwright/test'
import { preparedRun } from '../launch.ts'
import { buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let stage: RunningStage

test.describe('the content security policy', () => {
  test.beforeAll(async () => {
    stage = await launchStage(await buildStage(preparedRun()))
    await stage.startOperation()
    await stage.openPage('reveal')
  })
  test.afterAll(() => stage.close())

  for (const kind of ['app', 'reveal'] as const) {
    test(`lets no text become code in the ${kind} page`, async () => {
      const page = await stage.window(kind)
      // Run by the page's own scheduler: what a driver evaluates directly is exempt from the policy.
      const outcomes = await page.evaluate(
        () =>
          new Promise<Record<string, string>>((resolve) => {
            setTimeout(() => {
              const results: Record<string, string> = {}
              const attempt = (name: string, run: () => unknown): void => {
                try {
                  results[name] = `did: ${String(run())}`
                } catch (error) {
                  results[name] = (error as Error).name
                }
              }
              const holder = document.createElement('div')
              const text = '<img src=x onerror="window.ran = true">'
              attempt('eval', () => (0, eval)('1'))
              // By another name, so that the linter does not see what it rightly forbids.
              const makers = [(): void => undefined, async (): Promise<void> => undefined, function* (): Generator {}]
              for (const [index, maker] of makers.entries())
                attempt(`Function ${String(index)}`, () => (maker.constructor as (text: string) => unknown)('return 1'))
              const timer: (handler: string, ms: number) => unknown = setTimeout as never
              attempt('setTimeout', () => timer('window.ran = true', 0))
              attempt('innerHTML', () => ((holder as unknown as Record<string, unknown>)['inner' + 'HTML'] = text))
              attempt('outerHTML', () => ((holder as unknown as Record<string, unknown>)['outer' + 'HTML'] = text))
              attempt('insertAdjacent', () =>
                (holder as unknown as Record<string, (a: string, b: string) => void>)['insertAdjacent' + 'HTML']!(
                  'beforeend',
                  text,
                ),
              )
              attempt('documentWrite', () =>
                (document as unknown as Record<string, (a: string) => void>)['write']!(text),
              )
              attempt('fragment', () => document.createRange().createContextualFragment(text))
              attempt('parser', () => new DOMParser().parseFromString(text, 'text/html'))
              attempt('scriptText', () => (document.createElement('script').text = 'window.ran = true'))
              attempt(
                'scriptSource',
                () => (document.createElement('script').src = 'data:text/javascript,window.ran=true'),
              )
              attempt('worker', () => new Worker('data:text/javascript,1'))
              attempt('trustedTypesPolicy', () =>
                (
                  window as unknown as { trustedTypes: { createPolicy(n: string, r: object): object } }
                ).trustedTypes.createPolicy('x', {}),
              )
              attempt('serviceWorker', () => navigator.serviceWorker.register('/app/index.js'))
              resolve(results)
            }, 0)
          }),
      )
      const { serviceWorker, ...rest } = outcomes
      for (const [name, outcome] of Object.entries(rest))
        expect(outcome, name).toMatch(/^(EvalError|TypeError|SecurityError)$/)
      expect(serviceWorker).toBeDefined()
      expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0)
    })

    test(`runs no inline script, handler, frame, object or foreign style in the ${kind} page`, async () => {
      const page = await stage.window(kind)
      const ran = await page.evaluate(async () => {
        const refusals: string[] = []
        const attempt = (run: () => void): void => {
          try {
            run()
          } catch (error) {
            refusals.push((error as Error).name)
          }
        }
        const script = document.createElement('script')
        attempt(() => script.append('window.ran = true'))
        const button = document.createElement('button')
        attempt(() => button.setAttribute('onclick', 'window.ran = true'))
        const style = document.createElement('style')
        style.append('body { color: rgb(9, 9, 9) }')
        const frame = document.createElement('iframe')
        frame.src = '/app/'
        const form = document.createElement('form')
        form.action = '/app/'
        document.body.append(script, style, button, frame, form)
        button.click()
        form.submit()
        const styled = document.createElement('p')
        styled.setAttribute('style', 'color: rgb(9, 9, 9)')
        document.body.append(styled)
        await new Promise((resolve) => setTimeout(resolve, 400))
        let frameUrl: string | undefined
        try {
          frameUrl = frame.contentWindow?.location.href
        } catch {
          frameUrl = 'out of reach'
        }
        return {
          refusals,
          ran: 'ran' in window,
          body: getComputedStyle(document.body).color,
          styled: getComputedStyle(styled).color,
          frameUrl,
          url: location.pathname,
          violations: [...new Set(window.double.violations)],
        }
      })
      expect(ran).toMatchObject({
        refusals: ['TypeError', 'TypeError'],
        ran: false,
        body: 'rgb(1, 2, 3)',
        styled: 'rgb(1, 2, 3)',
        url: `/${kind}/`,
      })
      expect(ran.frameUrl).not.toContain('/app/')
      expect(ran.violations).toEqual(
        expect.arrayContaining(['require-trusted-types-for', 'style-src-elem', 'style-src-attr', 'form-action']),
      )
    })
  }

  test('lets the one style through that carries the nonce', async () => {
    const page = await stage.window('app')
    const colour = await page.evaluate(() => {
      const style = document.createElement('style')
      style.nonce = document.querySelector('meta[name=csp-nonce]')!.getAttribute('content')!
      style.append('body { color: rgb(4, 5, 6) }')
      document.body.append(style)
      return getComputedStyle(document.body).color
    })
    expect(colour).toBe('rgb(4, 5, 6)')
  })
})
