import type { PermissionLevel, Permissions } from "../bridge/base/permissions.ts";
import type { Config } from "./config.ts";

type Table = Config["bridge"]["permissions"];

/** The permissions of the configuration. */
export class ConfiguredPermissions implements Permissions {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  levelOf(userId: string): PermissionLevel {
    return permissionLevel(this.#table, userId);
  }

  isAllowed(userId: string): boolean {
    return this.levelOf(userId) !== "block";
  }
}

/**
 * The level that `permissions` gives to `userId`: a user entry overrides its homeserver's, which overrides "*". Where
 * nothing fits the user is blocked.
 */
export function permissionLevel(permissions: Table, userId: string): PermissionLevel {
  const domain = /^@[^:]*:(.+)$/.exec(userId)?.[1];
  if (domain === undefined) return "block";
  for (const whom of [userId, domain, "*"]) {
    if (Object.hasOwn(permissions, whom)) return permissions[whom] ?? "block";
  }
  return "block";
}
