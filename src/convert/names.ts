import { plainName } from "./to-matrix.ts";

/** How a contact is written in what the bot says: with their name, if they have one, and their address. */
export function labelOf(account: string, name: string | undefined): string {
  const plain = plainName(name ?? "");
  return plain === "" || plain.toLowerCase() === account.toLowerCase() ? account : `${plain} (${account})`;
}

/** How the people of a chat are written. */
export function labelOfChat(accounts: readonly string[], nameOf: (account: string) => string | undefined): string {
  return accounts.map((account) => labelOf(account, nameOf(account))).join(" with ");
}
