/** A station that lies about requests: what was granted, by whom, with which keys, and what was used in the window. */
import { describe, expect, it } from 'vitest'
import { firstOf, play, type Scene } from './lying-station.ts'
import { personActor, type TestPerson } from './test-people.ts'
import type { TestVault } from './test-vault.ts'

describe('a grant', () => {
  it.each(['request.failed', 'request.cancelled', 'request.expired'] as const)('is too late after %s', async (end) => {
    const codes = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      const { request } = statement
      if (end === 'request.failed') vault.log.append(end, { request, code: 'SHARE_WRONG', custodian: grace.id })
      else if (end === 'request.cancelled') vault.log.append(end, { request, reason: 'cancelled' })
      else vault.log.append(end, { request })
      vault.grant(statement, [grace, edsger])
    })
    expect(codes).toEqual(['grant-without-quorum'])
  })

  it('needs the threshold, by distinct people, with valid taps', async () => {
    expect(
      await play(({ vault, ada, grace, edsger, credential }) => vault.reveal(ada, credential, [grace, edsger])),
    ).toEqual([])
    expect(await play(({ vault, ada, grace, credential }) => vault.reveal(ada, credential, [grace], 0))).toEqual([
      'grant-without-quorum',
    ])
    expect(await play(({ vault, ada, grace, credential }) => vault.reveal(ada, credential, [grace, grace], 0))).toEqual(
      ['grant-without-quorum'],
    )
    const untapped = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace])
      vault.grant(statement, [grace, edsger])
    })
    expect(untapped).toEqual(['grant-without-quorum'])
  })

  it('does not count the requester where the policy keeps them out', async () => {
    const lie = ({ vault, ada, grace, credential }: Scene): unknown => vault.reveal(ada, credential, [ada, grace], 0)
    expect(await play(lie)).toEqual([])
    expect(await play(lie, { requesterMayTap: false })).toEqual(['tap-statement-mismatch', 'grant-without-quorum'])
  })

  it('does not count taps that do not count', async () => {
    const codes = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approve(statement, grace, { counts: false })
      vault.approveAll(statement, [edsger])
      vault.grant(statement, [grace, edsger])
    })
    expect(codes).toEqual(['grant-without-quorum'])
  })

  it('needs a valid tap of the person who asked', async () => {
    const without = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      for (const person of [grace, edsger]) vault.approve(statement, person)
      vault.grant(statement, [grace, edsger])
    })
    expect(without).toEqual(['grant-without-quorum'])
    const forged = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approve(statement, ada, { counts: false, assertion: firstOf(ada.keys).tap(new Uint8Array(32)) })
      for (const person of [grace, edsger]) vault.approve(statement, person)
      vault.grant(statement, [grace, edsger])
    })
    expect(forged).toEqual(['tap-statement-mismatch', 'grant-without-quorum'])
  })

  it('and what is used in it are proven only of the person who asked', async () => {
    const granted = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger], personActor(grace))
    })
    expect(granted).toEqual(['tap-statement-mismatch'])
    const used = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
      vault.show(statement, 0, personActor(edsger))
      const { request } = statement
      const field = { request, credential: credential.id, field: 1 }
      vault.log.append('field.copied', { ...field, label: 'Password' }, personActor(edsger))
      vault.log.append('code.burned', { ...field, version: 1, code: 0 }, personActor(edsger))
      vault.show(statement, 1, { kind: 'station' })
      vault.show(statement, 1, personActor(edsger, false))
    })
    expect(used).toEqual(Array(3).fill('tap-statement-mismatch'))
  })

  it('is for an open request, once, and for what was asked', async () => {
    const twice = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
    })
    expect(twice).toEqual(['grant-without-quorum'])
    const other = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant({ ...statement, windowSeconds: 600 }, [grace, edsger])
    })
    expect(other).toEqual(['grant-without-quorum'])
    const cancelled = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.log.append('request.cancelled', { request: statement.request, reason: 'cancelled' })
      vault.grant(statement, [grace, edsger])
    })
    expect(cancelled).toEqual(['grant-without-quorum'])
  })

  it('does not outlive a start of the app', async () => {
    const codes = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
      vault.log.rotate()
      vault.show(statement)
    })
    expect(codes).toEqual(['grant-without-quorum'])
  })
})

describe('a field', () => {
  it('is shown, copied and burned only in a granted, open request for that credential', async () => {
    const before = await play(({ vault, ada, credential }) => {
      vault.show(vault.openRequest(ada, credential))
    })
    expect(before).toEqual(['grant-without-quorum'])
    const after = await play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.reveal(ada, credential, [grace, edsger])
      vault.log.append('field.copied', {
        request: statement.request,
        credential: credential.id,
        field: 0,
        label: 'Password',
      })
    })
    expect(after).toEqual(['grant-without-quorum'])
    const other = await play(({ vault, ada, grace, edsger, credential }) => {
      const second = vault.seal(ada)
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
      vault.log.append('code.burned', {
        request: statement.request,
        credential: second.id,
        version: 1,
        field: 0,
        code: 1,
      })
    })
    expect(other).toEqual(['grant-without-quorum'])
  })
})

describe('the window', () => {
  const useAfter = (ms: number, type: 'field.shown' | 'field.copied' | 'code.burned', again = false) =>
    play(({ vault, ada, grace, edsger, credential }) => {
      const statement = vault.openRequest(ada, credential)
      vault.approveAll(statement, [grace, edsger])
      vault.grant(statement, [grace, edsger])
      vault.log.wait(ms)
      if (again) vault.grant(statement, [grace, edsger])
      const { request } = statement
      const field = { request, credential: credential.id, field: 0 }
      if (type === 'code.burned') vault.log.append(type, { ...field, version: 1, code: 0 })
      else vault.log.append(type, { ...field, label: 'Password' })
    })

  it.each(['field.shown', 'field.copied', 'code.burned'] as const)('is over for %s', async (type) => {
    expect(await useAfter(125_000, type)).toEqual([])
    expect(await useAfter(126_000, type)).toEqual(['grant-without-quorum'])
    expect(await useAfter(508_000, type)).toEqual(['grant-without-quorum'])
  })

  it('does not begin anew with a second grant', async () => {
    expect(await useAfter(126_000, 'field.shown', true)).toEqual(['grant-without-quorum', 'grant-without-quorum'])
  })
})

describe('keys that were only enrolled', () => {
  /** The same people with keys made of software: in the log, in nobody's manifest. */
  const withSoftwareKeys = (vault: TestVault, people: readonly TestPerson[]): TestPerson[] =>
    people.map((person) => {
      const fake = { ...person, keys: [] }
      vault.enrol(fake)
      return fake
    })

  it('approve nothing', async () => {
    const codes = await play(({ vault, ada, grace, edsger, credential }) => {
      const [one, two, three] = withSoftwareKeys(vault, [ada, grace, edsger])
      const statement = vault.openRequest(ada, credential)
      for (const person of [one!, two!, three!]) vault.approve(statement, person)
      vault.grant(statement, [grace, edsger])
      vault.show(statement)
    })
    expect(codes).toEqual([...Array<string>(3).fill('tap-key-unknown'), 'grant-without-quorum'])
  })

  it('neither seal, nor classify, nor sign for an export', async () => {
    const codes = await play(({ vault, ada, grace, edsger, credential }) => {
      const { request } = vault.reveal(ada, credential, [grace, edsger])
      const [fake] = withSoftwareKeys(vault, [ada])
      vault.seal(fake!, credential)
      vault.classify(fake!, request)
      vault.makeExport(fake!)
    })
    expect(codes).toEqual(Array(3).fill('tap-key-unknown'))
  })

  it('are not those of the next manifest before it is in force, nor after it of the one before', async () => {
    const early = await play(({ vault, ada, grace, credential }) => {
      const added = vault.addPerson()
      vault.enrol(added)
      const statement = vault.openRequest(ada, credential)
      vault.approve(statement, added, { counts: false })
      vault.changeManifest([ada, grace, added])
    })
    expect(early).toEqual(['tap-key-unknown'])
    const late = await play(({ vault, ada, grace, edsger, credential }) => {
      const lost = [...grace.keys]
      grace.keys.length = 0
      vault.enrol(grace)
      const signer = { ...grace, keys: lost }
      vault.changeManifest([ada, edsger, signer], vault.draftManifest())
      vault.seal(signer, credential)
    })
    expect(late).toEqual(['tap-key-unknown'])
  })
})
