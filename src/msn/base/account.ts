// Later dialects name the network before an account, and behind it the place where it is signed in (docs/msnp.md 1.4).
const ENDPOINT = /^1:(?=.+@)|;\{[^}]*\}$/gu;

/** The key of an account: MSN compares accounts without regard to case (docs/msnp.md 1.4). */
export function accountKey(account: string): string {
  const key = withoutEndpoint(account).toLowerCase();
  // What is changed nowhere is a copy all the same, and is kept for each of thousands of contacts.
  return key === account ? account : key;
}

/** An account as it is spelled, without what later dialects write before and behind it. */
export function withoutEndpoint(account: string): string {
  return account.replaceAll(ENDPOINT, "");
}
