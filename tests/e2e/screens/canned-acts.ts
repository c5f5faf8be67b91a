/** Who did what with which tap, for the day in the log. */
import type { Actor } from '../../../shared/audit/entry.ts'
import type { ActStatement, RequestStatement } from '../../../shared/domain/statements.ts'
import { hash, idOf } from './canned-people.ts'

export const assertion = { authenticatorData: hash, clientDataJSON: hash, signature: hash }
export const key = hash
export const head = { size: 12, root: hash }
export const rita: Actor = { kind: 'person', id: idOf(5), name: 'Rita Okafor', proven: true }
export const ada: Actor = { kind: 'person', id: idOf(1), name: 'Ada Byron', proven: true }
export const station: Actor = { kind: 'station' }
export const request = idOf(301)
export const credential = idOf(201)

export const act = (detail: ActStatement['detail'], person: string): ActStatement => ({
  format: 'halligan/act/v1',
  vault: idOf(900),
  act: idOf(310),
  person,
  manifest: hash,
  detail,
  createdAt: '2026-11-23T14:01:00.000Z',
  station: idOf(901),
  head,
  nonce: hash,
})

export const field = { request, credential, field: 1, label: 'Password' }

export const asked: RequestStatement = {
  format: 'halligan/request/v1',
  vault: idOf(900),
  request,
  safe: idOf(101),
  credential,
  version: 1,
  record: hash,
  manifest: hash,
  reason: 'Identity provider is down since 02:40; production keys leaked and must be revoked now.',
  incident: 'INC-2041',
  requester: idOf(5),
  windowSeconds: 120,
  createdAt: '2026-11-23T14:00:00.000Z',
  station: idOf(901),
  head,
  nonce: hash,
}
