/** Control 7: a window shows the page it was made for, whatever that page tries. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test, type Page } from 'playwright/test'
import { preparedRun } from '../launch.ts'
import { buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let stage: RunningStage

const targets = [
  'https://halligan.localhost/tap/',
  'https://halligan.localhost/app/?manual',
  'https://example.com/',
  'http://127.0.0.1:9/',
  'file:///etc/passwd',
  'data:text/html,hello',
  'chrome://gpu/',
  'devtools://devtools/bundled/inspector.html',
  'ftp://127.0.0.1/',
  'mailto:x@example.com',
]

const attempts: Record<string, (target: string) => void> = {
  'location.href': (target) => (location.href = target),
  'location.replace': (target) => location.replace(target),
  'location.assign': (target) => location.assign(target),
  'a link': (target) => {
    const link = Object.assign(document.createElement('a'), { href: target })
    document.body.append(link)
    link.click()
  },
  'a link to a new window': (target) => {
    const link = Object.assign(document.createElement('a'), { href: target, target: '_blank' })
    document.body.append(link)
    link.click()
  },
  'a download': (target) => {
    const link = Object.assign(document.createElement('a'), { href: target, download: 'x.html' })
    document.body.append(link)
    link.click()
  },
  'a form': (target) => {
    const form = Object.assign(document.createElement('form'), { action: target, method: 'post' })
    document.body.append(form)
    form.submit()
  },
  'a refresh': (target) => {
    const meta = document.createElement('meta')
    meta.httpEquiv = 'refresh'
    meta.content = `0;url=${target}`
    document.head.append(meta)
  },
  'window.open': (target) => void window.open(target),
  'window.open of ourselves': (target) => void window.open(target, '_self'),
  'a frame': (target) => document.body.append(Object.assign(document.createElement('iframe'), { src: target })),
  'an embedded object': (target) =>
    document.body.append(Object.assign(document.createElement('embed'), { src: target })),
  'a webview': (target) => {
    const view = document.createElement('webview')
    view.setAttribute('src', target)
    document.body.append(view)
  },
}

async function expectUnmoved(page: Page, url: string): Promise<void> {
  expect(page.url()).toBe(url)
  expect(await page.evaluate(() => [location.href, 'sameDocument' in window])).toEqual([url, true])
  const contents = await stage.app.evaluate(({ webContents }) =>
    webContents.getAllWebContents().map((each) => each.getURL()),
  )
  expect(contents.sort()).toEqual(['https://halligan.localhost/app/', 'https://halligan.localhost/reveal/'])
}

test.describe('a window stays where it is, asked by', () => {
  test.beforeAll(async () => {
    stage = await launchStage(await buildStage(preparedRun()))
    await stage.startOperation()
    await stage.openPage('reveal')
    await stage.app.evaluate(({ session }) => {
      const counted = globalThis as unknown as { downloads: number }
      counted.downloads = 0
      session.fromPartition('halligan-reveal').on('will-download', (_event, item) => {
        item.once('done', (_done, state) => (counted.downloads += state === 'completed' ? 1 : 0))
      })
    })
    const page = await stage.window('reveal')
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  })
  test.afterAll(() => stage.close())

  for (const [name, attempt] of Object.entries(attempts)) {
    test(name, async () => {
      const page = await stage.window('reveal')
      for (const target of targets) await page.evaluate(attempt, target).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 400))
      await expectUnmoved(page, 'https://halligan.localhost/reveal/')
    })
  }

  test('reload and the history', async () => {
    const page = await stage.window('reveal')
    await page.evaluate(() => {
      location.reload()
      history.back()
      history.forward()
      history.go(-1)
    })
    await new Promise((resolve) => setTimeout(resolve, 400))
    await expectUnmoved(page, 'https://halligan.localhost/reveal/')
  })

  test('a script address', async () => {
    const page = await stage.window('reveal')
    await page.evaluate(() => {
      setTimeout(() => (location.href = 'javascript:window.ran=true'), 0)
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await page.evaluate(() => 'ran' in window)).toBe(false)
  })

  test('a file dropped on it', async () => {
    const page = await stage.window('reveal')
    const file = path.join(preparedRun().runDir, 'dropped.html')
    writeFileSync(file, '<p>dropped</p>')
    const devtools = await page.context().newCDPSession(page)
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await devtools.send('Input.dispatchDragEvent', {
        type,
        x: 100,
        y: 100,
        data: { items: [], files: [file], dragOperationsMask: 1 },
      })
    await new Promise((resolve) => setTimeout(resolve, 500))
    await expectUnmoved(page, 'https://halligan.localhost/reveal/')
  })

  test('and downloads nothing', async () => {
    const page = await stage.window('reveal')
    await page.evaluate(() => {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob(['secret']))
      link.download = 'secret.txt'
      document.body.append(link)
      link.click()
    })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await stage.app.evaluate(() => (globalThis as unknown as { downloads: number }).downloads)).toBe(0)
  })

  test('and one that blanks itself is ended', async () => {
    const reveal = await stage.window('reveal')
    await reveal.evaluate(() => (location.href = 'about:blank')).catch(() => undefined)
    expect(await stage.event('pageGone')).toMatchObject({ data: { page: 'reveal', died: true } })
    expect(stage.openWindows('reveal')).toEqual([])
  })

  test('and the app window that blanks itself comes back with its page and a port', async () => {
    await (await stage.window('app')).evaluate(() => (location.href = 'about:blank')).catch(() => undefined)
    await expect.poll(stage.appPorts).toBe(1)
  })
})
