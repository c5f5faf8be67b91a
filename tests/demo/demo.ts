/**
 * The main job in the real app, on virtual security keys, with the network blocked: set up, seal, break the glass twice,
 * verify, export. Everything is done as people do it, through the windows.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Page } from 'playwright'
import type { Entry } from '../../shared/audit/entry.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { DemoSetting } from '../../build/demo.ts'
import {
  openRequest,
  revealWindow,
  sealCredential,
  startHalligan,
  tapAll,
  waitForClosed,
  type Halligan,
} from '../e2e/journey/halligan.ts'
import { choose, fill, goTo, pick, press, waitForOutcome, waitForShown } from '../e2e/journey/screens.ts'
import { acknowledge, enrolKeys, mainKey, person, planVault } from '../e2e/journey/set-up.ts'
import { DemoRecorder } from './report.ts'

const password = 'Tr0ub4dor&3-lighthouse'
const totpSeed = 'JBSWY3DPEHPK3PXP'
const codes = ['4f7k-92mm', 'x1c8-77ql', 'p0r3-55zz']

const ada = person('Ada Byron', true)
const grace = person('Grace Hopper', true)
const edsger = person('Edsger Dijkstra', true)
const barbara = person('Barbara Liskov', true)
const tony = person('Tony Hoare', true)
const rita = person('Rita Okafor', false)
const custodians = [ada, grace, edsger, barbara, tony]

async function setUp(halligan: Halligan, record: DemoRecorder): Promise<void> {
  const { app, tap, table } = halligan
  await record.picture(app, 'first-screen')
  await record.step('plan the vault: 5 custodians, 1 requester, safe 3 of 5', () =>
    planVault(app, 'Northwind emergency access', [...custodians, rita], {
      name: 'Production',
      threshold: 3,
      shortest: '15 seconds',
    }),
  )
  for (const somebody of [...custodians, rita]) {
    const count = somebody === ada ? 2 : 1
    await record.step(`enrol ${String(count)} security ${count === 1 ? 'key' : 'keys'} of ${somebody.name}`, () =>
      enrolKeys(app, table, somebody, count),
    )
  }
  await record.picture(app, 'security-keys')
  await record.step('every custodian signs who holds what', async () => {
    await acknowledge(app, table, custodians)
  })
  await record.picture(tap, 'tap-page').catch(() => undefined)
}

async function sealThree(halligan: Halligan, record: DemoRecorder): Promise<void> {
  await record.step('seal a login', () =>
    sealCredential(halligan, {
      name: 'AWS root account',
      kind: 'Login',
      by: grace,
      fillForm: async (seal) => {
        await fill(seal, 'User name', 'root@northwind.example')
        await fill(seal, 'Password', password)
        await seal
          .getByLabel(/^Runbook/)
          .fill(
            '# AWS root\n\n1. Sign in at the root user page.\n2. Revoke the leaked keys.\n3. **Rotate** this password afterwards.',
          )
      },
      look: (seal) => record.picture(seal, 'seal-window'),
    }),
  )
  await record.step('seal a one-time-password seed', () =>
    sealCredential(halligan, {
      name: 'AWS root second factor',
      kind: 'One-time code',
      by: ada,
      fillForm: (seal) => fill(seal, 'Seed', totpSeed),
    }),
  )
  await record.step('seal recovery codes', () =>
    sealCredential(halligan, {
      name: 'GitHub recovery codes',
      kind: 'Recovery codes',
      by: tony,
      fillForm: (seal) => fill(seal, 'Recovery codes', codes.join('\n')),
    }),
  )
  await record.picture(halligan.app, 'credentials')
}

/** What was refused so far, in order. */
const refusals: ErrorCode[] = []

/** The refusal that the request page now shows must be about this code. */
async function expectRefusal(halligan: Halligan, code: ErrorCode): Promise<void> {
  refusals.push(code)
  await halligan.app.getByText(code).first().waitFor({ timeout: 10_000 })
}

async function breakGlass(halligan: Halligan, record: DemoRecorder): Promise<void> {
  const { app, tap, table } = halligan
  await record.step('ask for the AWS root account', () =>
    openRequest(halligan, {
      credential: 'AWS root account',
      by: rita,
      reason: 'Identity provider is down since 02:40; production keys leaked and must be revoked.',
      incident: 'INC-2041',
      seconds: '2 minutes',
    }),
  )
  await record.step('the requester’s own key opens the request', () => table.touch(mainKey(rita)))
  await record.step('first custodian taps', () => table.touch(mainKey(ada)))
  await record.step('refused: the same person with her backup key', async () => {
    const backup = ada.keys[1]
    if (backup === undefined) throw new Error('Ada has no backup key')
    await table.touch(backup)
    await expectRefusal(halligan, 'TAP_PERSON_ALREADY_COUNTED')
  })
  await record.step('refused: a key that is not enrolled', async () => {
    await table.touch(await table.add('a stranger'))
    await expectRefusal(halligan, 'TAP_NOT_ALLOWED')
  })
  await record.step('second custodian taps', () => table.touch(mainKey(edsger)))
  await record.picture(app, 'request')
  await record.picture(tap, 'tap')
  await record.step('third custodian taps', () => table.touch(mainKey(tony)))
  const started = performance.now()
  const reveal = await record.step('the reveal window opens', () => revealWindow(halligan))
  await record.step('the password is read on screen', async () => {
    await press(reveal, 'Show Password')
    await waitForShown(reveal, password)
    record.unsealMs = Math.round(performance.now() - started)
  })
  await record.picture(reveal, 'reveal')
  await record.step('Hide now', async () => {
    await press(reveal, 'Hide now')
    await waitForClosed(halligan, /The window is closed/)
  })
  await goTo(app, 'After use')
  await record.picture(app, 'after-use')
}

async function classify({ app, table }: Halligan): Promise<void> {
  await goTo(app, 'After use')
  await pick(app, /emergency/i)
  await fill(app, /^What happened/, 'Keys revoked at 03:05, password rotated by Grace.')
  await choose(app, 'Who records this?', 'Grace Hopper')
  await press(app, 'Record and sign')
  await table.touch(mainKey(grace))
  await waitForOutcome(app, /recorded and signed/)
}

async function runOut(halligan: Halligan, record: DemoRecorder): Promise<void> {
  await record.step('a second request, for 15 seconds', async () => {
    await openRequest(halligan, { credential: 'AWS root second factor', by: grace, seconds: '15 seconds' })
    await tapAll(halligan, [grace, barbara, ada])
    const reveal = await revealWindow(halligan)
    await reveal
      .getByRole('button', { name: /^Show / })
      .first()
      .click()
    await waitForShown(reveal, /\d{6}/)
    await record.picture(reveal, 'reveal-running-code')
  })
  await record.step('its window ends by itself', () => waitForClosed(halligan, /The window is closed/))
}

async function verifyAndExport(halligan: Halligan, outDir: string, record: DemoRecorder): Promise<string> {
  const { app, table } = halligan
  await goTo(app, 'Timeline')
  await record.step('verify the log in the app', async () => {
    await press(app, 'Verify now')
    await expectGoodVerdict(app)
  })
  await app.getByRole('option').first().click()
  await app.getByLabel('The record').waitFor()
  await record.picture(app, 'timeline')
  return record.step('export the log, signed by one person', async () => {
    await press(app, 'Export the log')
    await choose(app, 'Who exports, and signs for it?', 'Barbara Liskov')
    await press(app, 'Choose a folder and sign')
    await table.touch(mainKey(barbara))
    await waitForOutcome(app, /exported to/)
    const [made] = readdirSync(halligan.exportDir)
    if (made === undefined) throw new Error('the export folder is empty')
    const source = existsSync(path.join(halligan.exportDir, 'log.jsonl'))
      ? halligan.exportDir
      : path.join(halligan.exportDir, made)
    const target = path.join(outDir, 'export')
    cpSync(source, target, { recursive: true })
    return target
  })
}

/** The app's own verdict, which is "Checked: …" in any case: it must be a good one. */
async function expectGoodVerdict(app: Page): Promise<void> {
  const panel = app.getByRole('region', { name: 'Verdict on the log' })
  await panel.getByText(/^Checked:/).waitFor({ timeout: 30_000 })
  const bad = await panel.locator('.notice.bad').allInnerTexts()
  if (bad.length > 0) throw new Error(`the app says of its log: ${bad.join(' ')}`)
}

/** The log itself must tell of every refusal that was seen, and of no other. */
function expectRefusalsInLog(target: string): Promise<void> {
  const lines = readFileSync(path.join(target, 'log.jsonl'), 'utf8').trimEnd().split('\n')
  const codes = lines
    .map((line) => JSON.parse(line) as Entry)
    .flatMap((entry) => (entry.type === 'tap.refused' ? [entry.data.code] : []))
  const [found, wanted] = [codes.join(', '), refusals.join(', ')]
  if (found !== wanted) throw new Error(`refused taps in the log: ${found}; seen: ${wanted}`)
  return Promise.resolve()
}

/** Asks the command line, which trusts nothing of the app, about `target`. */
function verifyWithCommandLine(target: string): Promise<void> {
  const answer = spawnSync(process.execPath, ['out/dev/cli.cjs', 'verify', target], { encoding: 'utf8' })
  if (answer.status !== 0)
    throw new Error(`halligan verify said (${String(answer.status)}): ${answer.stdout}${answer.stderr}`)
  process.stdout.write(
    `${answer.stdout
      .trimEnd()
      .split('\n')
      .slice(0, 2)
      .map((line) => `      ${line}`)
      .join('\n')}\n`,
  )
  return Promise.resolve()
}

/** The whole demonstration, from the running app to the verdicts of the command line. */
async function present(halligan: Halligan, outDir: string, record: DemoRecorder): Promise<void> {
  record.watched = () => halligan.launched.app.windows()
  record.versions = await halligan.launched.app.evaluate(({ app }) => ({
    halligan: app.getVersion(),
    electron: process.versions.electron,
    chromium: process.versions.chrome,
    node: process.versions.node,
  }))
  await setUp(halligan, record)
  await sealThree(halligan, record)
  await breakGlass(halligan, record)
  await record.step('say what it was', () => classify(halligan))
  await runOut(halligan, record)
  const target = await verifyAndExport(halligan, outDir, record)
  record.exportPath = path.relative(outDir, target)
  await record.step('every refusal stands in the log', () => expectRefusalsInLog(target))
  await record.step('verify the export with the command line', () => verifyWithCommandLine(target))
  await record.step('quit Halligan', () => halligan.launched.close())
  await record.step('verify the vault itself with the command line', () => verifyWithCommandLine(halligan.vaultDir))
}

/** Runs the demonstration; rejects when it did not come to a good end, after report.json is written. */
export async function runDemo({ run, outDir, networkBlock }: DemoSetting): Promise<void> {
  const record = new DemoRecorder(outDir)
  record.networkBlock = networkBlock.sentence
  let halligan: Halligan | undefined
  try {
    const started = await record.step('start Halligan', () => startHalligan({ run, args: networkBlock.chromiumArgs }))
    halligan = started
    await present(started, outDir, record)
    record.finish()
  } catch (error) {
    record.fail(error)
    throw error
  } finally {
    await halligan?.launched.close()
    const report = record.write()
    const word = report.ok ? 'done' : 'FAILED'
    process.stdout.write(
      `${word}: ${String(report.steps.length)} steps, last tap to password on screen ${String(report.unsealMs)} ms; ${path.join(outDir, 'report.json')}\n`,
    )
  }
}
