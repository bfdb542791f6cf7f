import { plainName } from "./to-matrix.ts";

/** How a contact is written in what the bot says: with her name, if she has one, and her address. */
export function labelOf(account: string, name: string | undefined): string {
  const plain = plainName(name ?? "");
  return plain === "" || plain.toLowerCase() === account.toLowerCase() ? account : `${plain} (${account})`;
}
