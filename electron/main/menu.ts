/** No menu: its reload, close and developer tools would be one key away. macOS needs one for copy, paste and quit to work. */
import { Menu } from 'electron'

/** Sets the application menu. */
export function setMenu(): void {
  Menu.setApplicationMenu(
    process.platform === 'darwin'
      ? Menu.buildFromTemplate([
          { role: 'appMenu', submenu: [{ role: 'about' }, { role: 'hide' }, { role: 'quit' }] },
          {
            role: 'editMenu',
            submenu: [
              { role: 'undo' },
              { role: 'redo' },
              { role: 'cut' },
              { role: 'copy' },
              { role: 'paste' },
              { role: 'selectAll' },
            ],
          },
        ])
      : null,
  )
}
