/** SQLite's and the file system's errors as stable codes. Messages are dropped: they may quote values. */
import { HalliganError, type ErrorCode } from '../../../shared/errors.ts'

const codes: Readonly<Record<string, ErrorCode>> = {
  SQLITE_FULL: 'STORAGE_FULL',
  ENOSPC: 'STORAGE_FULL',
  EDQUOT: 'STORAGE_FULL',
  SQLITE_READONLY: 'STORAGE_READ_ONLY',
  SQLITE_PERM: 'STORAGE_READ_ONLY',
  EROFS: 'STORAGE_READ_ONLY',
  EACCES: 'STORAGE_READ_ONLY',
  EPERM: 'STORAGE_READ_ONLY',
  SQLITE_BUSY: 'STORAGE_BUSY',
  SQLITE_LOCKED: 'STORAGE_BUSY',
  SQLITE_CORRUPT: 'VAULT_DAMAGED',
  SQLITE_NOTADB: 'VAULT_DAMAGED',
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** `error` as ours: STORAGE_FULL, STORAGE_READ_ONLY, STORAGE_BUSY, VAULT_DAMAGED, else STORAGE_FAILED {reason}. */
export function asStorageError(error: unknown): HalliganError {
  if (error instanceof HalliganError) return error
  const reason = codeOf(error)
  return new HalliganError(codes[reason] ?? 'STORAGE_FAILED', { reason }, error)
}
