/** Somebody who can write the database must not stop requests by what they put into the outbox. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { Entry } from '../../../shared/audit/entry.ts'
import { toBase64Url } from '../../../shared/bytes.ts'
import type { AlertSettings } from '../../../shared/domain/alert.ts'
import { randomBytes } from '../../../electron/platform/sodium.ts'
import { createOutbox, queueAlerts } from '../../../electron/vault/alerts/outbox.ts'
import { openStore } from '../../../electron/vault/store/store.ts'
import { newId } from '../../support/node-app.ts'

it('a row about an entry to come does not keep that entry from being written', async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'halligan-outbox-'))
  const store = await openStore({ dir, randomBytes })
  try {
    const channel = newId()
    const root = toBase64Url(new Uint8Array(32))
    const settings = { channels: [{ id: channel, name: 'Pager' }], routes: [] } as unknown as AlertSettings
    const entry = { seq: 7, type: 'alert.test', data: { channel, name: 'Pager' } } as unknown as Entry
    const queue = (): Promise<void> =>
      store.database.transaction((statements) =>
        queueAlerts(statements, settings, () => undefined, [entry], { size: 8, root }),
      )
    await store.database.transaction((statements) =>
      statements.run('INSERT INTO alert_outbox VALUES (?, 7, 1, ?, 9, 1)', channel, root).then(() => undefined),
    )
    await queue()
    expect(await createOutbox(store.database).next(channel)).toMatchObject({ cause: 7, size: 8, attempts: 0 })
  } finally {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
})
