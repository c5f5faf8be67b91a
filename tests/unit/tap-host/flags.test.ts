import { expect, test } from 'vitest'
import { browserFlags, startPageText } from '../../../electron/tap-host/browser-flags.ts'

const start = { dataDir: '/p/data', startPage: '/p/start.html', deadEndPort: 9, platform: 'linux' } as const

test('no flag weakens the browser or lets anybody else drive it', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const flags = browserFlags({ ...start, platform }).join(' ')
    expect(flags).not.toMatch(
      /no-sandbox|remote-debugging|web-security|insecure|ignore-certificate|load-extension|enable-automation|test-type|host-resolver/,
    )
    expect(flags).toContain('--user-data-dir=/p/data ')
    expect(flags).toContain('--proxy-server=http://127.0.0.1:9 ')
    expect(flags).toMatch(/ --app=file:\/\/\S+$/)
  }
})

test('the start page names the address as text that cannot end its script', () => {
  const address = 'http://halligan.localhost:1/AZaz09-_/'
  expect(startPageText(address)).toContain(`location.replace("${address}")`)
})
