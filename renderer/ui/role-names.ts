import type { Role } from '../../shared/domain/manifest.ts'

/** Roles as words. */
export const roleNames: Readonly<Record<Role, string>> = {
  custodian: 'Custodian',
  requester: 'Requester',
  lead: 'Ceremony lead',
  witness: 'Witness',
  auditor: 'Auditor',
}
