/** A window shows the page it was made for until it is gone (control 7). */
import type { App, WebContents } from 'electron'

/** Refuses every way by which a page could go elsewhere or bring another page in. */
function pinPage(contents: WebContents): void {
  // Links, location, forms, reloads, and files dropped on the page all come by here; our own loadURL does not.
  contents.on('will-navigate', (event) => {
    event.preventDefault()
  })
  contents.on('will-frame-navigate', (event) => {
    event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  // A page must not keep its window open against the person who closes it.
  contents.on('will-prevent-unload', (event) => {
    event.preventDefault()
  })
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
}

/** Applies {@link pinPage} to whatever web contents come into being, also those that our factory did not make. */
export function pinAllPages(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    pinPage(contents)
  })
  app.on('select-client-certificate', (event) => {
    event.preventDefault()
  })
}
