import { certificateProblem, type CertificateProblem, type MsnError, type MsnErrorCode } from "../../msn/index.ts";
import { refusedPlace } from "./refused-place.ts";
import type { Log } from "../../util/log.ts";

// What the user is told when signing in fails. `connection-closed` and the like end up in the general sentence.
const SIGN_IN: Partial<Record<MsnErrorCode, (error: MsnError, server: string) => string>> = {
  "bad-credentials": (_, server) =>
    `${server} refused the e-mail address or the password. Check both (the address has to be written as it was ` +
    `registered, capital letters included) and log in again.`,
  "connect-failed": (_, server) =>
    `${server} cannot be reached right now. Try again in a few minutes; if it stays so, tell whoever runs this bridge.`,
  timeout: (_, server) => `${server} does not answer right now. Try again in a few minutes.`,
  "server-busy": (_, server) => `${server} is too busy or under repair right now. Try again in a few minutes.`,
};

const AUTHORITY =
  "If it belongs to the network, the authority behind it can be trusted with msn.servers[].ca in the configuration.";
// What the admin of the bridge, or of the network, can do about a certificate.
const CERTIFICATE: Record<CertificateProblem, string> = {
  "unknown-authority": AUTHORITY,
  "out-of-date":
    "Whoever runs the network has to renew it; if it is valid, the clock of the bridge's machine is wrong.",
  "wrong-host": "nexusUrl and loginUrl in the configuration have to name the host for which it was made.",
};

function unsafe(error: MsnError, server: string): { what: string; remedy: string } | undefined {
  const problem = certificateProblem(error);
  if (problem === undefined) return undefined;
  return { what: `${server} cannot be reached safely: ${error.message}.`, remedy: CERTIFICATE[problem] };
}

/** Tells the admin in the log that a network's certificate is not trusted, if that is what is wrong. */
export function warnOfCertificate(log: Log, error: MsnError, server: string): void {
  const found = unsafe(error, server);
  if (found !== undefined) log.warn(`${found.what} ${found.remedy}`);
}

/** Tells the admin in the log that a network sends accounts where they must not go, if that is what is wrong. */
export function warnOfPlace(log: Log, error: MsnError, server: string): void {
  const sentence = refusedPlace(error, server);
  if (sentence !== undefined) log.warn(sentence);
}

/** Why signing in failed, and what to do. */
export function signInFailed(error: MsnError, server: string): string {
  const certificate = unsafe(error, server);
  if (certificate !== undefined)
    return `${certificate.what} Tell whoever runs this bridge: ${certificate.remedy} Then try again.`;
  const refused = refusedPlace(error, server);
  if (refused !== undefined) return `${refused} Then try again.`;
  const sentence = SIGN_IN[error.code]?.(error, server);
  return (
    sentence ??
    `${server} did not let us sign in: ${error.message}. Try again; if it stays so, tell whoever runs this bridge.`
  );
}

/** Why a login was ended for good, and what to do. */
export function signedOut(error: MsnError, passport: string, server: string): string {
  if (error.code === "signed-in-elsewhere") {
    return `${passport} signed in to ${server} somewhere else, so this bridge signed out. Say reconnect to take over.`;
  }
  return `${passport} was signed out. ${signInFailed(error, server)}`;
}

/** Another Matrix user has signed in with the account. Who that is, the first one does not learn. */
export function takenOver(passport: string, server: string): string {
  return (
    `${passport} was taken over on ${server}: another user of this bridge signed in with its password. You are logged ` +
    "out; your rooms stay. If you did not expect this, change the password of the account, then say login."
  );
}

/** What the database holds for a password is none any more. */
export function passwordLost(passport: string, server: string): string {
  return (
    `The password of ${passport} on ${server} can no longer be read from the database of this bridge. You are logged ` +
    "out; your rooms stay. Say login to come back, and tell whoever runs this bridge."
  );
}
