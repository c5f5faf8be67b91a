/** `npm start`: the app as users get it, unpacked. What follows `--` goes to the app. */
import { bundle } from './bundle.ts'
import { prepareRun } from './prepare-run.ts'
import { runCommand } from './run-command.ts'
import { runScript, say } from './say.ts'

runScript(async () => {
  await bundle(['release'])
  const run = await prepareRun({ flavour: 'release', home: 'own' })
  if (run.display === 'virtual') say('There is no screen here: Halligan runs on a virtual one that nobody sees.')
  try {
    return await runCommand(run.executablePath, [run.appDir, ...process.argv.slice(2)], {
      env: run.env,
      cwd: run.runDir,
    })
  } finally {
    run.dispose()
  }
})
