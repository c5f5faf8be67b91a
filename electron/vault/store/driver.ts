/**
 * The one file that knows the `sqlite3` package: promises instead of callbacks, one statement at a time, errors as
 * stable codes. The package is archived upstream (docs/adr/0005-storage.md); replacing it touches this file only.
 */
import sqlite from 'sqlite3'
import { asStorageError } from './storage-error.ts'

/** What goes into a statement. Numbers must be safe integers. */
export type SqlValue = string | number | Uint8Array | null

/** A row as it comes back: blobs are `Uint8Array`, integers are numbers. */
export type Row = Readonly<Record<string, unknown>>

/** Statements within one turn of the queue. */
export interface Statements {
  /** Runs one statement; resolves with the number of rows changed. */
  run(sql: string, ...values: readonly SqlValue[]): Promise<number>
  /** Runs one statement once per row of values, in order. */
  runEach(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void>
  /**
   * Inserts rows in order, many with one statement: a statement for each row costs more in thread hops than in work.
   * @param into table and columns, as they stand in SQL: `entries (seq, bytes)`
   */
  insertRows(into: string, rows: readonly (readonly SqlValue[])[]): Promise<void>
  /** The first row, or undefined. */
  get(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined>
  all(sql: string, ...values: readonly SqlValue[]): Promise<readonly Row[]>
}

/** An open database. Everything goes through one queue, so a transaction is never mixed with foreign statements. */
export interface Database extends Statements {
  /**
   * BEGIN IMMEDIATE, `work`, COMMIT; rolled back when `work` or the commit fails. Resolves only after COMMIT returned.
   * @throws HalliganError STORAGE_FULL, STORAGE_READ_ONLY, STORAGE_BUSY, STORAGE_FAILED, VAULT_DAMAGED
   */
  transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>
  /** Runs statements that need no values, outside a transaction. */
  execute(sql: string): Promise<void>
  /** Closes after everything queued; may be called again. */
  close(): Promise<void>
}

/** How many rows {@link Statements.insertRows} takes into one statement. */
const rowsAtOnce = 64

export type OpenMode = 'create' | 'write' | 'read'

const openFlags: Readonly<Record<OpenMode, number>> = {
  create: sqlite.OPEN_READWRITE | sqlite.OPEN_CREATE,
  write: sqlite.OPEN_READWRITE,
  read: sqlite.OPEN_READONLY,
}

// The binding knows a blob only by Node's Buffer; this is the same memory, not a copy.
const bindable = (value: SqlValue): string | number | Buffer | null =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

function connect(file: string, mode: OpenMode): Promise<sqlite.Database> {
  return new Promise((resolve, reject) => {
    const handle: sqlite.Database = new sqlite.Database(file, openFlags[mode], (error) => {
      if (error === null) resolve(handle)
      else reject(asStorageError(error))
    })
  })
}

/** Prepared statements by their text; preparing anew would cost more than most of them take to run. */
function createStatements(handle: sqlite.Database): { statements: Statements; finalize: () => void } {
  const prepared = new Map<string, sqlite.Statement>()

  function prepare(sql: string): Promise<sqlite.Statement> {
    const known = prepared.get(sql)
    if (known !== undefined) return Promise.resolve(known)
    return new Promise((resolve, reject) => {
      const statement = handle.prepare(sql, (error: Error | null) => {
        if (error === null) {
          prepared.set(sql, statement)
          resolve(statement)
        } else reject(asStorageError(error))
      })
    })
  }

  function step(statement: sqlite.Statement, values: readonly SqlValue[]): Promise<number> {
    return new Promise((resolve, reject) => {
      statement.run(values.map(bindable), function (this: sqlite.RunResult, error: Error | null) {
        if (error === null) resolve(this.changes)
        else reject(asStorageError(error))
      })
    })
  }

  async function all(sql: string, ...values: readonly SqlValue[]): Promise<readonly Row[]> {
    const statement = await prepare(sql)
    return new Promise((resolve, reject) => {
      // `all` also resets the statement; `get` would leave it open and hold a read lock.
      statement.all<Row>(values.map(bindable), (error: Error | null, rows: Row[]) => {
        if (error === null) resolve(rows)
        else reject(asStorageError(error))
      })
    })
  }

  async function runEach(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    const statement = await prepare(sql)
    // All handed over at once: the connection is in serial mode, so they run in order without a round trip each.
    const settled = await Promise.allSettled(rows.map((values) => step(statement, values)))
    const failed = settled.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async function insertRows(into: string, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    const row = `(${Array.from({ length: rows[0]?.length ?? 0 }, () => '?').join(', ')})`
    const whole = rows.length - (rows.length % rowsAtOnce)
    const blocks = Array.from({ length: whole / rowsAtOnce }, (_, block) =>
      rows.slice(block * rowsAtOnce, (block + 1) * rowsAtOnce).flat(),
    )
    // Two texts only, so that both stay prepared. An empty block would prepare the long one for nothing.
    if (blocks.length > 0) {
      await runEach(`INSERT INTO ${into} VALUES ${Array.from({ length: rowsAtOnce }, () => row).join(', ')}`, blocks)
    }
    if (whole < rows.length) await runEach(`INSERT INTO ${into} VALUES ${row}`, rows.slice(whole))
  }

  return {
    statements: {
      all,
      get: async (sql, ...values) => (await all(sql, ...values))[0],
      run: async (sql, ...values) => step(await prepare(sql), values),
      runEach,
      insertRows,
    },
    finalize: () => {
      for (const statement of prepared.values()) statement.finalize()
      prepared.clear()
    },
  }
}

/**
 * Opens `file`. `create` makes it if needed, `read` never writes.
 * @throws HalliganError as {@link Database.transaction} does
 */
export async function openDatabase(file: string, mode: OpenMode): Promise<Database> {
  const handle = await connect(file, mode)
  handle.serialize()
  const { statements, finalize } = createStatements(handle)
  let tail: Promise<unknown> = Promise.resolve()
  let closing: Promise<void> | undefined

  /** One turn after all earlier ones, whether they succeeded or not. */
  function takeTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = tail.then(work)
    tail = turn.catch(() => undefined)
    return turn
  }

  const execute = (sql: string): Promise<void> =>
    new Promise((resolve, reject) => {
      handle.exec(sql, (error: Error | null) => {
        if (error === null) resolve()
        else reject(asStorageError(error))
      })
    })

  async function transact<T>(work: (within: Statements) => Promise<T>): Promise<T> {
    await statements.run('BEGIN IMMEDIATE')
    try {
      const result = await work(statements)
      await statements.run('COMMIT')
      return result
    } catch (error) {
      // SQLite has rolled back by itself after some errors (disk full); then there is nothing left to roll back.
      await statements.run('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  const closeHandle = (): Promise<void> =>
    new Promise((resolve, reject) => {
      finalize()
      handle.close((error) => {
        if (error === null) resolve()
        else reject(asStorageError(error))
      })
    })

  return {
    run: (sql, ...values) => takeTurn(() => statements.run(sql, ...values)),
    runEach: (sql, rows) => takeTurn(() => statements.runEach(sql, rows)),
    insertRows: (into, rows) => takeTurn(() => statements.insertRows(into, rows)),
    get: (sql, ...values) => takeTurn(() => statements.get(sql, ...values)),
    all: (sql, ...values) => takeTurn(() => statements.all(sql, ...values)),
    transaction: (work) => takeTurn(() => transact(work)),
    execute: (sql) => takeTurn(() => execute(sql)),
    close: () => (closing ??= takeTurn(closeHandle)),
  }
}
