/** What a Matrix user may do: nothing, have MSN accounts here, or look after the bridge as well. */
export type PermissionLevel = "block" | "user" | "admin";

/** Who may do what. */
export interface Permissions {
  levelOf(userId: string): PermissionLevel;
  /** Whether a user may use the bridge. */
  isAllowed(userId: string): boolean;
}
