/**
 * Requests for older versions of a credential, and what was never there. Chain, tree, ratchet and checkpoints are perfect. Both verifiers
 * are held to what is expected here.
 */
import { nodePrimitives } from '../../../electron/platform/primitives.ts'
import { recordHash } from '../../../shared/audit/records.ts'
import type { Problem } from '../../../shared/audit/report.ts'
import { fromUtf8 } from '../../../shared/bytes.ts'
import type { RecordHeader } from '../../../shared/domain/credential.ts'
import type { RequestStatement } from '../../../shared/domain/statements.ts'
import { personActor, type SealedCredential, type TestPerson } from './test-people.ts'
import type { TestVault } from './test-vault.ts'

export interface VersionLie {
  readonly tell: (
    scene: {
      readonly vault: TestVault
      readonly ada: TestPerson
      readonly grace: TestPerson
      readonly edsger: TestPerson
    },
    credential: SealedCredential,
  ) => void
  /** What is found first; null: it is the truth. */
  readonly found: Problem['code'] | null
}

type Scene = Parameters<VersionLie['tell']>[0]

/** Seals a second version. @returns the first */
function sealAgain({ vault, ada }: Scene, credential: SealedCredential): SealedCredential {
  const old = { ...credential }
  vault.seal(ada, credential)
  return old
}

/** The record of a version as it is now, maybe sealed anew. */
function recordOf({ records }: TestVault, credential: string, version: number): string {
  const found = records.find((one) => one.credential === credential && one.version === version)
  if (found === undefined) throw new Error('no record')
  const header = JSON.parse(fromUtf8(found.header)) as RecordHeader
  return recordHash(nodePrimitives, header, found.body)
}

/** A request for the first of two versions. */
const askOld = (bend: (draft: RequestStatement, scene: Scene) => Partial<RequestStatement>): VersionLie => ({
  found: 'tap-statement-mismatch',
  tell: (scene, credential) => {
    const { vault, ada } = scene
    const draft = { ...vault.draftRequest(ada, sealAgain(scene, credential)), newest: 2 }
    vault.openRequest(ada, credential, { ...draft, ...bend(draft, scene) })
  },
})

export const versionLies: Readonly<Record<string, VersionLie>> = {
  'the truth about an older version': {
    found: null,
    tell: (scene, credential) => {
      const { vault, ada, grace, edsger } = scene
      const old = sealAgain(scene, credential)
      const statement = vault.openRequest(ada, old, { ...vault.draftRequest(ada, old), newest: 2 })
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
      vault.show(statement)
      const burned = { request: statement.request, credential: old.id, version: 1, field: 2, code: 0 }
      vault.log.append('code.burned', burned, personActor(ada))
      vault.log.append('window.closed', { request: statement.request, reason: 'hidden-by-person', openedMs: 61_000 })
      vault.classify(grace, statement.request)
    },
  },
  'the truth about an older version that was sealed anew': {
    found: null,
    tell: (scene, credential) => {
      const { vault, ada, grace } = scene
      const old = sealAgain(scene, credential)
      vault.people.splice(2, 1)
      vault.changeManifest([ada, grace])
      const record = recordOf(vault, old.id, 1)
      vault.openRequest(ada, old, { ...vault.draftRequest(ada, old), record, newest: 2 })
    },
  },
  'the truth about the oldest of three versions': {
    found: null,
    tell: (scene, credential) => {
      const { vault, ada } = scene
      const old = sealAgain(scene, credential)
      vault.seal(ada, credential)
      vault.destroy(ada, credential.id, 2)
      vault.openRequest(ada, old, { ...vault.draftRequest(ada, old), newest: 3 })
    },
  },
  'an older version asked for as if it were the newest': {
    found: 'tap-statement-mismatch',
    tell: (scene, credential) => {
      scene.vault.openRequest(scene.ada, sealAgain(scene, credential))
    },
  },
  'the newest version asked for as if it were an older one': {
    found: 'tap-statement-mismatch',
    tell: ({ vault, ada }, credential) => {
      vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), newest: 2 })
    },
  },
  'the newest version, said to be the newest': {
    found: 'tap-statement-mismatch',
    tell: (scene, credential) => {
      const { vault, ada } = scene
      sealAgain(scene, credential)
      vault.openRequest(ada, credential, { ...vault.draftRequest(ada, credential), newest: 2 })
    },
  },
  'an older version beside a newest one that is none': askOld(() => ({ newest: 3 })),
  'an older version with the record of the newest': askOld(({ credential }, { vault }) => ({
    record: recordOf(vault, credential, 2),
  })),
  'a version that was never sealed': askOld(() => ({ version: 3 })),
  'a version that was destroyed': {
    found: 'tap-statement-mismatch',
    tell: (scene, credential) => {
      const { vault, ada } = scene
      const old = sealAgain(scene, credential)
      vault.destroy(ada, credential.id, 1)
      vault.openRequest(ada, old, { ...vault.draftRequest(ada, old), newest: 2 })
    },
  },
  'an older version as it was before it was sealed anew': {
    found: 'tap-statement-mismatch',
    tell: (scene, credential) => {
      const { vault, ada, grace } = scene
      const old = sealAgain(scene, credential)
      vault.people.splice(2, 1)
      vault.changeManifest([ada, grace])
      vault.openRequest(ada, old, { ...vault.draftRequest(ada, old), newest: 2 })
    },
  },
  'a code of another version than was opened': {
    found: 'grant-without-quorum',
    tell: (scene, credential) => {
      const { vault, ada, grace, edsger } = scene
      sealAgain(scene, credential)
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
      const burned = { request: statement.request, credential: credential.id, version: 1, field: 2, code: 0 }
      vault.log.append('code.burned', burned, personActor(ada))
    },
  },
}
