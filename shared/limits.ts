/** Every bound that more than one part must agree on. Sizes in bytes or UTF-16 units, times in seconds. */
export const limits = {
  custodians: 255,
  thresholdMin: 2,
  windowSecondsMin: 15,
  windowSecondsMax: 600,
  /** An opened request that has not reached its quorum ends after this. */
  requestLifetimeSeconds: 1800,
  /** How long one tap may take before the browser gives up. */
  tapTimeoutSeconds: 120,
  nameLength: 80,
  reasonLength: 500,
  incidentLength: 80,
  noteLength: 1000,
  labelLength: 60,
  fields: 32,
  fieldBytes: 65_536,
  fileBytes: 1_048_576,
  runbookBytes: 65_536,
  recoveryCodes: 64,
  keysPerPerson: 8,
  models: 64,
  /** UTF-8 bytes of a passphrase. */
  passphraseMin: 12,
  passphraseMax: 255,
  persons: 1000,
  sinks: 16,
  /** How long a safe can make a request wait after its quorum. */
  delaySecondsMin: 15,
  delaySecondsMax: 604_800,
  /** People of one safe who can stop a waiting request. */
  vetoers: 16,
  /** How long a request that has waited can be opened. */
  openingSeconds: 3600,
  /** Requests of one vault that wait at the same time. */
  waitingRequests: 16,
  /** How a credential is rotated, in words that are no secret. */
  rotationNoteLength: 1200,
  safes: 64,
  rotationDaysMax: 3650,
  /** How long a passed drill of a key or a safe is good for. */
  drillDays: 90,
  /** Records that one joint proof opens at most. */
  proofRecords: 64,
  ceremonySteps: 500,
  /** Older versions of a credential that a rotation can leave in place. */
  keptVersions: 9,
  /** Alert channels of a vault. */
  channels: 16,
  /** How long a proof of an alert channel is good for (days). */
  channelProofDays: 90,
  /** No message between processes is larger than this (a 1 MiB file, its record and base64). */
  messageBytes: 8 * 1_048_576,
  timelinePage: 200,
  /** What a list can be scrolled through; a filter that finds more shows the newest. */
  timelineFound: 1_000_000,
} as const
