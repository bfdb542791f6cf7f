import type { Config } from "./config.ts";

/** What a Matrix user may do: nothing, have logins of her own, or look after the bridge as well. */
export type PermissionLevel = "block" | "user" | "admin";

/**
 * The level that `permissions` gives to `userId`: the entry for the person counts before the one for her domain, and
 * that one before "*". Where nothing fits she is blocked.
 */
export function permissionLevel(permissions: Config["bridge"]["permissions"], userId: string): PermissionLevel {
  const domain = /^@[^:]*:(.+)$/.exec(userId)?.[1];
  if (domain === undefined) return "block";
  for (const whom of [userId, domain, "*"]) {
    if (Object.hasOwn(permissions, whom)) return permissions[whom] ?? "block";
  }
  return "block";
}
