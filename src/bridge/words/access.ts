/** A user without permission invites the bot or a contact. */
export const MAY_NOT_USE = "You may not use this bridge. Whoever runs it can allow you under bridge.permissions.";

/** The bridge can no longer accept invitations for a user. */
export function puppetLost(by: "own-token" | "registration"): string {
  const reason =
    by === "own-token"
      ? "The homeserver does not take the access token any more that you gave me with login-matrix"
      : "The homeserver does not let me act for you any more";
  const action =
    by === "own-token" ? "say login-matrix to give me a new one" : "tell whoever runs this bridge, or say login-matrix";
  return `${reason}, so from now on you accept the invitations to your chats yourself. To change that, ${action}.`;
}

/** An admin has signed a user out. @param logins their names */
export function signedOutByAdmin(logins: readonly string[]): string {
  return `Somebody who looks after this bridge has signed you out of MSN: ${logins.join(", ")}. Your rooms stay.`;
}

/** An admin has ended the session of a user. */
export function disconnectedByAdmin(passport: string): string {
  return `Somebody who looks after this bridge has disconnected ${passport} from MSN. Say reconnect to sign in again.`;
}

/** An admin tells everybody something. */
export function fromAdmins(text: string): string {
  return `From those who look after this bridge: ${text}`;
}
