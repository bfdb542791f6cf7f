/**
 * Why something on the MSN side failed.
 * - `connect-failed`: no TCP or HTTP connection came about
 * - `connection-closed`: the connection ended while something was waiting on it
 * - `timeout`: no answer came in time
 * - `protocol`: the server sent what cannot be understood
 * - `bad-credentials`: the account or password was refused
 * - `server-busy`: the server is full, going down or broken for the moment
 * - `signed-in-elsewhere`: the same account signed in somewhere else
 * - `contact-offline`: the contact is offline, unknown, hidden or has blocked us; servers do not tell which
 * - `rejected`: the server, or we ourselves, refused the request
 */
export type MsnErrorCode =
  | "connect-failed"
  | "connection-closed"
  | "timeout"
  | "protocol"
  | "bad-credentials"
  | "server-busy"
  | "signed-in-elsewhere"
  | "contact-offline"
  | "rejected";

/** Everything this library throws. */
export class MsnError extends Error {
  override readonly name = "MsnError";
  readonly code: MsnErrorCode;
  /** The server's own error number, where it gave one (docs/msnp.md 6). */
  readonly serverCode: number | undefined;

  constructor(code: MsnErrorCode, message: string, options: { serverCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.serverCode = options.serverCode;
  }
}

/** True when trying again with the same account and password cannot help. */
export function isFinal(code: MsnErrorCode): boolean {
  return code === "bad-credentials" || code === "signed-in-elsewhere";
}

// docs/msnp.md 6. Numbers that are missing mean that this one request was refused.
const SERVER_ERRORS: ReadonlyMap<number, { code: MsnErrorCode; text: string }> = new Map([
  [201, { code: "rejected", text: "invalid parameter" }],
  [205, { code: "rejected", text: "no such account" }],
  [208, { code: "rejected", text: "no such account" }],
  [209, { code: "rejected", text: "forbidden display name" }],
  [210, { code: "rejected", text: "the list is full" }],
  [215, { code: "rejected", text: "already on the list or in the conversation" }],
  [216, { code: "rejected", text: "not on the list, or not allowed" }],
  [217, { code: "contact-offline", text: "the contact is offline" }],
  [280, { code: "server-busy", text: "the switchboard failed" }],
  [281, { code: "server-busy", text: "no switchboard could be had" }],
  [500, { code: "server-busy", text: "internal server error" }],
  [501, { code: "server-busy", text: "database server error" }],
  [600, { code: "server-busy", text: "the server is busy" }],
  [601, { code: "server-busy", text: "the server is unavailable" }],
  [602, { code: "server-busy", text: "the server is unavailable" }],
  [603, { code: "server-busy", text: "database connection failed" }],
  [604, { code: "server-busy", text: "the server is going down" }],
  [605, { code: "server-busy", text: "the server is unavailable" }],
  [713, { code: "server-busy", text: "too many conversations at once" }],
  [800, { code: "server-busy", text: "changing too rapidly" }],
  [910, { code: "server-busy", text: "the server is too busy" }],
  [911, { code: "bad-credentials", text: "authentication failed" }],
  [912, { code: "server-busy", text: "the server is too busy" }],
  [913, { code: "rejected", text: "not allowed while hidden or offline" }],
  [914, { code: "server-busy", text: "the server is too busy" }],
  [915, { code: "server-busy", text: "the server is too busy" }],
  [916, { code: "server-busy", text: "the server is too busy" }],
  [917, { code: "bad-credentials", text: "authentication failed" }],
  [918, { code: "server-busy", text: "the server is too busy" }],
  [919, { code: "server-busy", text: "the server is too busy" }],
  [921, { code: "server-busy", text: "the server is too busy" }],
  [922, { code: "server-busy", text: "the server is too busy" }],
  [923, { code: "bad-credentials", text: "a child's account without its parents' consent" }],
  [924, { code: "bad-credentials", text: "the account is not verified yet" }],
  [928, { code: "bad-credentials", text: "the ticket was refused" }],
  [931, { code: "server-busy", text: "the server is too busy" }],
]);

/** The error that a server's number stands for, in answer to the command `request`. */
export function serverError(number: number, request: string): MsnError {
  const known = SERVER_ERRORS.get(number) ?? { code: "rejected", text: "the request was refused" };
  return new MsnError(known.code, `${known.text} (error ${number} in answer to ${request})`, { serverCode: number });
}

/** Why a sign-in ends that its caller has put an end to. */
export const CALLED_OFF = new MsnError("connection-closed", "signing in was called off");

/** Why a sign-in failed with something that is no MsnError. */
export function whyNotSignedIn(cause: unknown, ended: AbortSignal): MsnError {
  if (ended.aborted) return new MsnError("connection-closed", CALLED_OFF.message, { cause });
  return new MsnError("protocol", "something unexpected happened while signing in", { cause });
}
