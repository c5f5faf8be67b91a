/** Something that happens once. */
export interface Signal {
  readonly given: Promise<void>
  readonly give: () => void
}

/** A signal that has not been given. */
export function createSignal(): Signal {
  let give = (): void => undefined
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}
