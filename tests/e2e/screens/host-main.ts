/**
 * A main process for looking at the windows alone: the real pages as the app serves them, with no vault behind them. The
 * test hands each page a port of its own making.
 */
import { app, BrowserWindow, session } from 'electron'
import path from 'node:path'
import { answerRequest } from '../../../electron/main/app-protocol.ts'
import { openRendererFiles } from '../../../electron/main/renderer-files.ts'

void app.whenReady().then(() => {
  const findFile = openRendererFiles(path.join(__dirname, 'renderer'))
  const memory = session.fromPartition('screens', { cache: false })
  // As with every test driver: it cannot follow a page into another browsing context group.
  memory.protocol.handle('https', (request) => answerRequest(request, { findFile, isolatesOpeners: false }))
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    useContentSize: true,
    webPreferences: { session: memory, sandbox: true, contextIsolation: true, spellcheck: false },
  })
  void window.loadURL('https://halligan.localhost/app/')
})
