/** Names of people in and of the change that is being prepared. */
import { useVaultState } from '../use-app.ts'

/** The name for an id; people whom the change under way adds are known too. */
export function usePersonName(): (id: string) => string {
  const { persons, change } = useVaultState()
  const names = new Map([...(change?.change.people ?? []), ...persons].map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? 'Somebody no longer listed'
}
