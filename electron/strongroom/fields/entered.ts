/** Whether what was entered fits its types, and the payload index it makes. */
// Not a decoder: that would leave the value behind as a string, which nobody can wipe.
import { isUtf8 } from 'node:buffer'
import type { EnteredField } from '../../../shared/contracts/seal.ts'
import type { PayloadIndex } from '../../../shared/domain/credential.ts'
import { HalliganError } from '../../../shared/errors.ts'
import { limits } from '../../../shared/limits.ts'
import { paddedLength } from '../crypto/payload.ts'
import { splitCodes } from './codes.ts'

/** What fits the record schema's body, without the AEAD tag. */
const bodyMax = limits.fileBytes + limits.runbookBytes + limits.fields * limits.fieldBytes - 16
const seedMax = 128
const codeMax = 1024

/**
 * The index of a payload with these fields, ids in order.
 * @throws HalliganError CREDENTIAL_INVALID {field}: its number (0-based), or `runbook`, or `total`.
 */
export function indexEntered(runbook: Uint8Array, fields: readonly EnteredField[]): PayloadIndex {
  if (!isUtf8(runbook)) throw new HalliganError('CREDENTIAL_INVALID', { field: 'runbook' })
  fields.forEach((field, id) => {
    if (!fits(field)) throw new HalliganError('CREDENTIAL_INVALID', { field: id })
  })
  const index: PayloadIndex = {
    format: 'halligan/payload/v1',
    runbook: runbook.length,
    fields: fields.map(({ label, type, secret, value, totp, fileName }, id) => ({
      id,
      label,
      type,
      secret,
      length: value.length,
      totp,
      fileName,
    })),
  }
  if (paddedLength(index) > bodyMax) throw new HalliganError('CREDENTIAL_INVALID', { field: 'total' })
  return index
}

function fits({ type, value, totp, fileName }: EnteredField): boolean {
  if ((type === 'totp') !== (totp !== null) || (type === 'file') !== (fileName !== null)) return false
  switch (type) {
    case 'text':
    case 'multiline':
      return value.length > 0 && value.length <= limits.fieldBytes && isUtf8(value)
    case 'totp':
      return value.length > 0 && value.length <= seedMax
    case 'codes': {
      const codes = splitCodes(value)
      return (
        value.length <= limits.fieldBytes &&
        isUtf8(value) &&
        codes.length > 0 &&
        codes.length <= limits.recoveryCodes &&
        codes.every(({ length }) => length <= codeMax)
      )
    }
    case 'file':
      return value.length <= limits.fileBytes
  }
}
