/** Control 9 against the real vault process: a hostile app page with a valid port. */
import { expect, test } from 'playwright/test'
import { appContract } from '../../../shared/contracts/app.ts'
import { strongroomContract } from '../../../shared/contracts/strongroom.ts'
import { preparedRun } from '../launch.ts'
import { buildStage, launchStage, type RunningStage } from '../support/stage.ts'

let stage: RunningStage
let lastId = 0

interface Answer {
  readonly kind: string
  readonly id?: number
  readonly code?: string
  readonly output?: unknown
}

/** Posts raw messages over the page's port and collects what is answered within `ms`. */
async function postRaw(messages: readonly unknown[], ms = 400): Promise<Answer[]> {
  const page = await stage.window('app')
  return page.evaluate(
    async ({ given, wait }) => {
      window.double.events.length = 0
      for (const message of given) window.double.post(message)
      await new Promise((resolve) => setTimeout(resolve, wait))
      return window.double.events as unknown as Answer[]
    },
    { given: messages, wait: ms },
  )
}

const call = (method: string, input: unknown, rest: object = {}): { id: number } =>
  ({
    contract: 'app',
    kind: 'call',
    id: ++lastId,
    method,
    input,
    ...rest,
  }) as { id: number }

async function askOne(method: string, input: unknown): Promise<Answer | undefined> {
  const message = call(method, input)
  return (await postRaw([message])).find(({ id }) => id === message.id)
}

const isStillServing = async (): Promise<boolean> => (await askOne('state', {}))?.kind === 'ok'

test.describe('a hostile app page', () => {
  test.beforeAll(async () => {
    stage = await launchStage(await buildStage(preparedRun(), { processes: 'real' }))
  })
  test.afterAll(() => stage.close())
  test.afterEach(async () => {
    expect(await isStillServing()).toBe(true)
  })

  test('every method refuses what is not its input', async () => {
    const abuses = [
      null,
      [],
      'x',
      7,
      { extra: 1 },
      JSON.parse('{"__proto__": {"person": "x"}, "extra": 1}') as unknown,
      { constructor: { prototype: {} } },
      { operation: 'O'.repeat(22), extra: true },
      { person: '__proto__', labels: [] },
      { credential: {}, requester: [], reason: '', incident: 1, windowSeconds: Number.NaN },
    ]
    for (const method of Object.keys(appContract.calls)) {
      const messages = abuses.map((input) => call(method, input))
      const answers = await postRaw(messages, 150)
      for (const [index, { id }] of messages.entries())
        expect(
          answers.find((answer) => answer.id === id),
          `${method} ${JSON.stringify(abuses[index])}`,
        ).toMatchObject({ kind: 'error', code: 'MESSAGE_INVALID' })
    }
  })

  test('methods of other contracts, of prototypes and of nobody are unknown', async () => {
    const methods = [
      ...Object.keys(strongroomContract.calls),
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'state ',
      'STATE',
      '',
    ]
    const messages = methods.map((method) => call(method, {}))
    const answers = await postRaw(messages)
    for (const [index, { id }] of messages.entries())
      expect(
        answers.find((answer) => answer.id === id),
        methods[index],
      ).toMatchObject({ kind: 'error', code: 'METHOD_UNKNOWN' })
  })

  test('the app port speaks no other contract', async () => {
    const messages = ['strongroom', 'vault-control', 'vault-host', 'reveal', 'tap', '__proto__'].map((contract) =>
      call('close', {}, { contract }),
    )
    expect(await postRaw(messages)).toEqual([])
  })

  test('messages that are no calls are dropped', async () => {
    const proper = call('state', {})
    const messages = [
      null,
      1,
      'state',
      [],
      {},
      [proper],
      { ...proper, id: -1 },
      { ...proper, id: 0.5 },
      { ...proper, id: '1' },
      { ...proper, extra: 1 },
      { ...proper, kind: 'ok' },
      { ...proper, kind: 'event' },
      { ...proper, method: 'x'.repeat(100) },
    ]
    expect(await postRaw(messages)).toEqual([])
  })

  test('ten megabytes are refused', async () => {
    const page = await stage.window('app')
    const id = ++lastId
    const answer = await page.evaluate(async (number) => {
      const big = 'x'.repeat(10_485_760)
      window.double.events.length = 0
      window.double.post({
        contract: 'app',
        kind: 'call',
        id: number,
        method: 'setup.begin',
        input: { vaultName: big, stationName: 'x' },
      })
      window.double.post({ contract: 'app', kind: 'call', id: number + 1, method: big, input: {} })
      await new Promise((resolve) => setTimeout(resolve, 1500))
      return window.double.events as unknown as Answer[]
    }, id)
    lastId++
    expect(answer.filter(({ kind }) => kind === 'ok')).toEqual([])
    expect(answer.find((each) => each.id === id)?.code).toMatch(/^MESSAGE_/)
  })

  test('calls in the wrong order are refused by state', async () => {
    const id = 'A'.repeat(22)
    const orders: [string, unknown][] = [
      ['request.open', { credential: id, requester: id, reason: 'x', incident: null, windowSeconds: 60 }],
      [
        'credential.seal',
        { credential: null, safe: id, name: 'x', kind: 'login', requesters: [id], rotationDays: 30, person: id },
      ],
      ['setup.acknowledge', {}],
      ['export.make', { person: id, selection: null, archive: false }],
      ['operation.cancel', { operation: id }],
      ['export.cancel', { operation: id }],
      ['request.classify', { request: id, outcome: 'drill', note: '', person: id }],
    ]
    for (const [method, input] of orders) {
      const answer = await askOne(method, input)
      expect(answer, method).toMatchObject({ kind: 'error' })
      expect(answer?.code, method).not.toMatch(/INTERNAL|MESSAGE_INVALID|METHOD_UNKNOWN/)
    }
  })
})
