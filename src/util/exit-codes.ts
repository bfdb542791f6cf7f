/** What the process ends with; documented in `--help`, so that service managers can tell what is worth a restart. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  config: 10,
  registration: 11,
  homeserver: 12,
  database: 13,
  newerDatabase: 14,
  port: 15,
  node: 16,
  diskFull: 17,
  diskBroken: 18,
  stoppedLate: 19,
} as const;
