/** Keys as the system sends them: a driver's own go past the main process. */
import type { LaunchedApp, WindowName } from '../launch.ts'

/** Presses `key` in the window of that kind, with Ctrl unless told otherwise. */
export async function pressKey(
  { app }: LaunchedApp,
  kind: WindowName,
  key: string,
  modifiers: ('control' | 'shift' | 'alt')[] = ['control'],
): Promise<void> {
  await app.evaluate(
    ({ BrowserWindow }, { path, keyCode, held }) => {
      const window = BrowserWindow.getAllWindows().find((each) => each.webContents.getURL().includes(path))
      window?.webContents.sendInputEvent({ type: 'keyDown', keyCode, modifiers: held })
      // The key may have ended the window that it went to.
      if (window?.isDestroyed() === false)
        window.webContents.sendInputEvent({ type: 'keyUp', keyCode, modifiers: held })
    },
    { path: `/${kind}/`, keyCode: key, held: modifiers },
  )
}
