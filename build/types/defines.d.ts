/** True in the build that tests and the demo run, false in what users get. The bundler replaces it by a literal. */
declare const __DEV_BUILD__: boolean

/** `<version>+<git commit>`, or the bare version outside a git checkout. */
declare const __APP_VERSION__: string
