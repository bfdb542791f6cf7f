/**
 * Whom the account knows: those on its list, and those it has allowed. What anybody may have us do has a limit for all
 * others together, so that they cannot have it at the cost of these.
 */
export interface Acquaintances {
  knows(account: string): boolean;
}
