import { dirname, join } from "node:path";
import { keepPrivate } from "../util/private-file.ts";
import type { Config } from "./config.ts";

/** What the second registration is called where nothing else is said; it lies beside the configuration. */
export const PUPPET_REGISTRATION = "double-puppet.yaml";

/**
 * Takes the rights of others away from the files that hold tokens. The homeserver reads registrations too, so their group
 * keeps what it has.
 * @returns what was done, sentences
 * @throws PrivacyError where others keep them
 */
export function protectSecrets(config: Config, configPath: string, registrationPath: string): string[] {
  const hasSecrets = Object.keys(config.double_puppet.secrets).length > 0;
  const done = [
    hasSecrets ? keepPrivate("The configuration, which holds secrets,", configPath, true) : undefined,
    ...[registrationPath, join(dirname(configPath), PUPPET_REGISTRATION)].map((path) => {
      const repair = keepPrivate("The registration", path, true);
      return (
        repair && `${repair} If the homeserver reads this very file as another user, give it the homeserver's group.`
      );
    }),
  ];
  return done.filter((sentence) => sentence !== undefined);
}
