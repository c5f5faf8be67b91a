/** Tables of the vault database (docs/format.md, "Vault database") and the numbered steps that lead to them. */
import { HalliganError } from '../../../shared/errors.ts'
import type { Database } from './driver.ts'

/** Marks the file as ours for `file(1)` and for {@link migrate}: "HLGN". */
const applicationId = 0x484c474e

/**
 * Step n leads from version n to n+1. A step that has shipped is never edited: vaults out there have run it.
 * STRICT: a column holds its declared type, so that nobody plants a number where bytes are hashed.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL,
    type TEXT NOT NULL,
    at TEXT NOT NULL,
    person TEXT,
    credential TEXT,
    words TEXT NOT NULL
  ) STRICT;
  CREATE INDEX entries_by_type ON entries (type, seq);
  CREATE INDEX entries_by_person ON entries (person, seq) WHERE person IS NOT NULL;
  CREATE INDEX entries_by_credential ON entries (credential, seq) WHERE credential IS NOT NULL;
  CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    note TEXT NOT NULL,
    kept INTEGER NOT NULL CHECK (kept IN (0, 1))
  ) STRICT;
  CREATE TABLE log_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    size INTEGER NOT NULL,
    last BLOB NOT NULL,
    frontier BLOB NOT NULL
  ) STRICT;
  CREATE TABLE station_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    public BLOB NOT NULL,
    secret BLOB NOT NULL
  ) STRICT;
  CREATE TABLE manifests (version INTEGER PRIMARY KEY, bytes BLOB NOT NULL, signatures BLOB NOT NULL) STRICT;
  CREATE TABLE records (
    credential TEXT NOT NULL,
    version INTEGER NOT NULL,
    header BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (credential, version)
  ) STRICT;
  CREATE TABLE shares (
    credential TEXT NOT NULL,
    version INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    box BLOB NOT NULL,
    PRIMARY KEY (credential, version, idx),
    FOREIGN KEY (credential, version) REFERENCES records (credential, version)
  ) STRICT;
  CREATE TABLE wraps (
    safe TEXT NOT NULL,
    person TEXT NOT NULL,
    key TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (safe, person, key)
  ) STRICT;
  CREATE TABLE sign_counts (key TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT;
  CREATE TABLE draft (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL) STRICT;
  `,
  `
  CREATE TABLE sink_cursors (
    sink TEXT PRIMARY KEY,
    place TEXT NOT NULL,
    size INTEGER NOT NULL,
    hash TEXT,
    at TEXT,
    divergence TEXT,
    halted INTEGER NOT NULL CHECK (halted IN (0, 1))
  ) STRICT;
  `,
  `
  CREATE TABLE change (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL) STRICT;
  CREATE TABLE new_records (
    credential TEXT NOT NULL,
    version INTEGER NOT NULL,
    header BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (credential, version)
  ) STRICT;
  CREATE TABLE new_shares (
    credential TEXT NOT NULL,
    version INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    box BLOB NOT NULL,
    PRIMARY KEY (credential, version, idx),
    FOREIGN KEY (credential, version) REFERENCES new_records (credential, version)
  ) STRICT;
  `,
  `
  CREATE TABLE alert_outbox (
    channel TEXT NOT NULL,
    cause INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
    PRIMARY KEY (channel, cause)
  ) STRICT;
  `,
]

async function readPragma(database: Database, name: 'user_version' | 'application_id'): Promise<number> {
  const value = (await database.get(`PRAGMA ${name}`))?.[name]
  return typeof value === 'number' ? value : 0
}

/**
 * Brings `database` to the newest version, each step in a transaction of its own: a crash in between leaves a whole
 * earlier version.
 * @param steps the product's own unless a test brings others
 * @throws HalliganError VAULT_TOO_NEW {found, known} when the file was written by a newer Halligan
 */
export async function migrate(database: Database, steps: readonly string[] = migrations): Promise<void> {
  const found = await readPragma(database, 'user_version')
  if (found > steps.length) throw new HalliganError('VAULT_TOO_NEW', { found, known: steps.length })
  const mark = await readPragma(database, 'application_id')
  // A foreign SQLite file under our name has no user_version of ours; it must not be migrated into one.
  if (found > 0 && mark !== applicationId) throw new HalliganError('VAULT_DAMAGED', { reason: 'application-id' })
  for (const [index, step] of steps.entries()) {
    if (index < found) continue
    try {
      await database.execute(
        `BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; PRAGMA application_id = ${applicationId}; COMMIT;`,
      )
    } catch (error) {
      await database.execute('ROLLBACK').catch(() => undefined)
      throw error
    }
  }
}
