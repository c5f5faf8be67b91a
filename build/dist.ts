/** `npm run dist`: a package for users, from the official Electron and no other. */
import { bundle } from './bundle.ts'
import { officialRuntime, pinnedVersion } from './electron-runtime.ts'
import { makeDeb, makePackageDir } from './package-app.ts'
import { fromRoot } from './paths.ts'
import { PlainFailure, runScript, say } from './say.ts'

runScript(async () => {
  if (process.platform !== 'linux')
    throw new PlainFailure('Packages are built on Linux (deb); nothing else is set up yet.')
  // Neither the npm-hosted development runtime nor a folder named in the environment: users get what Electron released.
  const runtime = await officialRuntime({ retry: true })
  if (runtime === null) {
    throw new PlainFailure(
      `No package: Electron ${pinnedVersion()} cannot be downloaded from its release host, and nothing else is packaged.`,
    )
  }
  await bundle(['release'])
  const [outDir, packageDir] = [fromRoot('dist'), fromRoot('dist', 'linux-unpacked')]
  await makePackageDir(runtime.distDir, packageDir)
  for (const file of await makeDeb(packageDir, runtime.version, outDir)) say(file)
  return 0
})
