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
 * - `address-refused`: the server named a place to which we must not connect; `refusedAddress` says which, and why
 * - `limited`: a limit of our own was reached
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
  | "rejected"
  | "address-refused"
  | "limited";

/**
 * What a server gave as its reason, whatever number it has for that (docs/msnp.md 6). Two depend on what was asked.
 * - `invalid-argument`: something is not written as it has to be, such as an account that is no e-mail address
 * - `no-such-account`, `invalid-account`: the server knows nobody of that name
 * - `forbidden-name`: a display name that may not be used
 * - `list-full`: no more people fit on the list
 * - `already-there`: they are on the list, or in the conversation or called to it
 * - `not-there`: they are not on the list; or they let nobody call who is not on theirs
 * - `contact-offline`: the contact is offline, hidden, or has blocked us
 * - `unchanged`: the setting is so already
 * - `on-opposite-list`: nobody may be allowed and blocked at once
 * - `too-many-groups`, `no-such-group`, `not-in-group`, `group-exists`, `group-name-too-long`, `fixed-group`: of groups
 * - `no-switchboard`: none could be had
 * - `too-many-conversations`, `too-fast`: the server limits how much may be done
 * - `server-trouble`: the server is busy, broken or going down
 * - `hidden`: not allowed while hidden or offline
 * - `authentication-failed`, `no-consent`, `unverified`: the account may not sign in
 * - `unknown`: a number that nobody has documented
 */
export type ServerReason =
  | "invalid-argument"
  | "no-such-account"
  | "invalid-account"
  | "forbidden-name"
  | "list-full"
  | "already-there"
  | "not-there"
  | "contact-offline"
  | "unchanged"
  | "on-opposite-list"
  | "too-many-groups"
  | "no-such-group"
  | "not-in-group"
  | "group-exists"
  | "group-name-too-long"
  | "fixed-group"
  | "no-switchboard"
  | "too-many-conversations"
  | "too-fast"
  | "server-trouble"
  | "hidden"
  | "authentication-failed"
  | "no-consent"
  | "unverified"
  | "unknown";

/** What else an error says. */
export interface MsnErrorDetails {
  readonly reason?: ServerReason;
  readonly serverCode?: number;
  readonly cause?: unknown;
}

/** Everything this library throws. */
export class MsnError extends Error {
  override readonly name = "MsnError";
  readonly code: MsnErrorCode;
  /** Why the server refused the request; undefined where it was not the server, or it gave no reason. */
  readonly reason: ServerReason | undefined;
  /** The number of that reason, for logs. */
  readonly serverCode: number | undefined;

  constructor(code: MsnErrorCode, message: string, details: MsnErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.reason = details.reason;
    this.serverCode = details.serverCode;
  }
}

/** True when trying again with the same account and password cannot help. */
export function isFinal(code: MsnErrorCode): boolean {
  return code === "bad-credentials" || code === "signed-in-elsewhere";
}

// docs/msnp.md 6. Numbers that are missing mean that this one request was refused.
const SERVER_ERRORS: ReadonlyMap<number, readonly [code: MsnErrorCode, reason: ServerReason, text: string]> = new Map([
  [201, ["rejected", "invalid-argument", "invalid parameter"]],
  [205, ["rejected", "no-such-account", "no such account"]],
  [208, ["rejected", "invalid-account", "no such account"]],
  [209, ["rejected", "forbidden-name", "forbidden display name"]],
  [210, ["rejected", "list-full", "the list is full"]],
  [215, ["rejected", "already-there", "already on the list or in the conversation"]],
  [216, ["rejected", "not-there", "not on the list, or not allowed"]],
  [217, ["contact-offline", "contact-offline", "the contact is offline"]],
  [218, ["rejected", "unchanged", "it is so already"]],
  [219, ["rejected", "on-opposite-list", "on the opposite list"]],
  [223, ["rejected", "too-many-groups", "too many groups"]],
  [224, ["rejected", "no-such-group", "no such group"]],
  [225, ["rejected", "not-in-group", "not in that group"]],
  [228, ["rejected", "group-exists", "there is such a group already"]],
  [229, ["rejected", "group-name-too-long", "the name of the group is too long"]],
  [230, ["rejected", "fixed-group", "the group cannot be changed"]],
  [280, ["server-busy", "no-switchboard", "the switchboard failed"]],
  [281, ["server-busy", "no-switchboard", "no switchboard could be had"]],
  [500, ["server-busy", "server-trouble", "internal server error"]],
  [501, ["server-busy", "server-trouble", "database server error"]],
  [600, ["server-busy", "server-trouble", "the server is busy"]],
  [601, ["server-busy", "server-trouble", "the server is unavailable"]],
  [602, ["server-busy", "server-trouble", "the server is unavailable"]],
  [603, ["server-busy", "server-trouble", "database connection failed"]],
  [604, ["server-busy", "server-trouble", "the server is going down"]],
  [605, ["server-busy", "server-trouble", "the server is unavailable"]],
  [713, ["server-busy", "too-many-conversations", "too many conversations at once"]],
  [800, ["server-busy", "too-fast", "changing too rapidly"]],
  [910, ["server-busy", "server-trouble", "the server is too busy"]],
  [911, ["bad-credentials", "authentication-failed", "authentication failed"]],
  [912, ["server-busy", "server-trouble", "the server is too busy"]],
  [913, ["rejected", "hidden", "not allowed while hidden or offline"]],
  [914, ["server-busy", "server-trouble", "the server is too busy"]],
  [915, ["server-busy", "server-trouble", "the server is too busy"]],
  [916, ["server-busy", "server-trouble", "the server is too busy"]],
  [917, ["bad-credentials", "authentication-failed", "authentication failed"]],
  [918, ["server-busy", "server-trouble", "the server is too busy"]],
  [919, ["server-busy", "server-trouble", "the server is too busy"]],
  [921, ["server-busy", "server-trouble", "the server is too busy"]],
  [922, ["server-busy", "server-trouble", "the server is too busy"]],
  [923, ["bad-credentials", "no-consent", "a child's account without its parents' consent"]],
  [924, ["bad-credentials", "unverified", "the account is not verified yet"]],
  [928, ["bad-credentials", "authentication-failed", "the ticket was refused"]],
  [931, ["server-busy", "server-trouble", "the server is too busy"]],
]);

/** The error that a server's number stands for, in answer to the command `request`. */
export function serverError(number: number, request: string): MsnError {
  const [code, reason, text] = SERVER_ERRORS.get(number) ?? ["rejected", "unknown", "the request was refused"];
  return new MsnError(code, `${text} (error ${number} in answer to ${request})`, { reason, serverCode: number });
}

/** Why a sign-in ends that its caller has put an end to. */
export const CALLED_OFF = new MsnError("connection-closed", "signing in was called off");

/** Why a sign-in failed with something that is no MsnError. */
export function whyNotSignedIn(cause: unknown, ended: AbortSignal): MsnError {
  if (ended.aborted) return new MsnError("connection-closed", CALLED_OFF.message, { cause });
  return new MsnError("protocol", "something unexpected happened while signing in", { cause });
}
