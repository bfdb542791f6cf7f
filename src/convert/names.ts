import { plainName } from "./to-matrix.ts";

/** How a contact is written in what the bot says: with their name, if they have one, and their address. */
export function labelOf(account: string, name: string | undefined): string {
  const plain = plainName(name ?? "");
  return plain === "" || plain.toLowerCase() === account.toLowerCase() ? account : `${plain} (${account})`;
}
