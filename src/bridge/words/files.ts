import { refusedAddress, type AddressRefused, type FileProblem, type MsnError } from "../../msn/index.ts";
import type { TransferOutcome } from "../../msn/index.ts";
import { MatrixError } from "../../matrix/client/errors.ts";
import { SEND_AGAIN } from "./delivery.ts";
import { refusedPlace } from "./refused-place.ts";
import { time } from "./time.ts";

/** Reactions with which the owner answers. */
export const [ACCEPT_KEY, CANCEL_KEY] = ["✅", "❌"] as const;

/** A file and the contact it goes to or comes from, by the names that the user knows. */
export interface FileSubject {
  readonly contact: string;
  readonly file: string;
  /** Bytes. */
  readonly size: number;
}

const UNITS = ["kB", "MB", "GB", "TB"];

/** A number of bytes, as a user reads it. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length);
  const count = bytes / 1000 ** power;
  return `${count < 10 ? count.toFixed(1) : Math.floor(count)} ${UNITS[power - 1]}`;
}

/** The progress of a transfer. */
export function moving(
  doing: string,
  { done, size, perSecond }: { done: number; size: number; perSecond: number },
): string {
  const percent = Math.floor((done / Math.max(1, size)) * 100);
  return `${doing}: ${percent} % of ${sizeText(size)}, ${sizeText(Math.round(perSecond))} per second. ${CANCEL_HINT}`;
}

const CANCEL_HINT = `React with ${CANCEL_KEY} to cancel it.`;

/** What is said about a file from MSN. */
export const aboutIncoming = {
  off: ({ contact, file, size }: FileSubject) =>
    `${contact} wanted to send you the file ${file} (${sizeText(size)}). This bridge does not take files, so it was declined.`,
  inGroup: (contact: string, file: string) =>
    `${contact} wanted to send the file ${file} in this chat. MSN carries files only in chats of two, so it was declined. ` +
    `Ask ${contact} to send it in your own chat.`,
  fromStranger: (contact: string, file: string) =>
    `${contact} wanted to send you the file ${file}. It was declined, because you do not know ${contact}. Ask for it if you ` +
    "want it.",
  tooMany: (contact: string) =>
    `${contact} wanted to send you more files at once than this bridge can keep waiting, so some were declined. Ask ` +
    `${contact} to send those again later.`,
  tooLarge: ({ contact, file, size }: FileSubject, limit: number, whose: "this bridge" | "your homeserver") =>
    `${contact} wanted to send you the file ${file} (${sizeText(size)}). It was declined, because ${whose} takes files of ` +
    `up to ${sizeText(limit)}.`,
  homeserverAway: ({ contact, file }: FileSubject) =>
    `${contact} wanted to send you the file ${file}. It was declined, because your homeserver does not answer right now. ` +
    `Ask ${contact} to send it again later.`,
  ask: ({ contact, file, size }: FileSubject) =>
    `${contact} wants to send you the file ${file} (${sizeText(size)}). React with ${ACCEPT_KEY} to get it, or with ` +
    `${CANCEL_KEY} to decline.`,
  waiting: ({ contact, file }: FileSubject) => `The file ${file} of ${contact} is about to come. ${CANCEL_HINT}`,
  doing: ({ contact, file }: FileSubject) => `Getting the file ${file} of ${contact}`,
  done: ({ contact, file, size }: FileSubject, ms: number) =>
    `The file ${file} of ${contact} has come: ${sizeText(size)} in ${seconds(ms)}.`,
  declined: ({ contact, file }: FileSubject) => `You declined the file ${file} of ${contact}.`,
  cancelled: ({ contact, file }: FileSubject) => `You cancelled the file ${file} of ${contact}.`,
  withdrawn: ({ contact, file }: FileSubject) => `${contact} does not want to send you the file ${file} any more.`,
  ranOut: ({ contact, file }: FileSubject) =>
    `${contact} wanted to send you the file ${file}, and has waited too long for your answer. Ask ${contact} to send it again.`,
  over: ({ contact, file }: FileSubject) => `The file ${file} of ${contact} did not come.`,
  notCome: ({ contact, file }: FileSubject, why: string) => `The file ${file} of ${contact} did not come: ${why}.`,
  cutOff: (contact: string, file: string) =>
    `The file ${file} of ${contact} did not come: this bridge was restarted in the middle. Ask ${contact} to send it again.`,
} as const;

/** What is said about a file to MSN. */
export const aboutOutgoing = {
  waiting: ({ contact, file }: FileSubject) => `The file ${file} waits until ${contact} takes it. ${CANCEL_HINT}`,
  doing: ({ contact, file }: FileSubject) => `Sending the file ${file} to ${contact}`,
  done: ({ contact, file, size }: FileSubject, ms: number) =>
    `${contact} has the file ${file}: ${sizeText(size)} in ${seconds(ms)}.`,
  cancelled: ({ file }: FileSubject) => `You cancelled the file ${file}.`,
  over: (subject: FileSubject, mayHaveCome: boolean) => `${notGot(subject, mayHaveCome)}.`,
  notSent: (
    subject: FileSubject,
    why: string,
    hint: { isLinkLost: boolean; canRetry: boolean; mayHaveCome: boolean },
  ) =>
    `${notGot(subject, hint.mayHaveCome)}: ${why}.${hint.isLinkLost ? " A link to it did not arrive either." : ""}` +
    (hint.canRetry ? ` ${SEND_AGAIN}` : ""),
  linked: ({ contact, file }: FileSubject, why: string, expires: Date) =>
    `The file ${file} could not be handed over: ${why}. Instead ${contact} got a link to it that works until ${time(expires)}.`,
  cutOff: (contact: string, file: string) =>
    `The transfer of the file ${file} to ${contact} was cut off by a restart of this bridge. ${SEND_AGAIN}`,
} as const;

function notGot({ contact, file }: FileSubject, mayHaveCome: boolean): string {
  return `${contact} ${mayHaveCome ? "may not have got" : "did not get"} the file ${file}`;
}

/** What the contact reads who gets a link instead of the file. */
export function linkText(file: string, size: number, url: string, expires: Date): string {
  return `${file} (${sizeText(size)}), until ${time(expires)}: ${url}`;
}

export const IN_GROUP = "MSN carries files only in chats of two";
/** Several files are one message, and one of them did not arrive. */
export const REST_WAITS = "The files after it in your message wait for that.";
export const TOO_MANY_FILES = "too many files are on their way at once; try again in a few minutes";

// How a sentence goes on after a colon; `{}` is the contact.
const PROBLEMS: Readonly<Record<Exclude<FileProblem, "address-refused">, string>> = {
  undelivered: "{} is offline, or cannot be reached by you",
  "signed-out": "{} signed out of MSN",
  left: "{} left the chat",
  unanswered: "{} did not answer in time",
  "too-large": "it is larger than this bridge allows",
  "too-many": TOO_MANY_FILES,
  "no-address":
    "neither side can be reached by the other; whoever runs this bridge can change that with media.public_address",
  "ports-busy": "all ports for files are in use; try again in a few minutes",
  unreachable: "{}'s program cannot be reached from here; a firewall may be in between",
  unconnected: "no connection to {}'s program came about in time; a firewall may be in between",
  stalled: "{}'s program fell silent in the middle",
  "too-slow": "it took too long",
  closed: "{}'s side ended the connection in the middle",
  unconfirmed: "all of it went out, but {}'s program did not confirm it",
  protocol: "{}'s program did something that this bridge does not understand",
  "wrong-size": "it was not as large as it had been announced",
  "not-saved": "{}'s program could not save it",
  content: "this bridge could not go on with it",
};

/** Why a transfer failed, to be put after a colon. */
export function whyNot(outcome: Exclude<TransferOutcome, { state: "done" }>, contact: string): string {
  switch (outcome.state) {
    case "declined":
      if (outcome.by === "us") return PROBLEMS["too-many"];
      if (outcome.code === "REJECT_NOT_INSTALLED") return `${contact}'s program does not take files`;
      // Programs say with the same codes that the contact did not answer, or that they cannot.
      return outcome.code === "REJECT" || outcome.code === "unknown"
        ? `${contact} declined it`
        : cancelled(outcome.code, contact);
    case "cancelled":
      return outcome.by === "us" ? "your connection to MSN was ended" : cancelled(outcome.code, contact);
    case "failed": {
      const { problem, error } = outcome;
      if (problem === "content") return whyHomeserver(error.cause);
      if (problem === "address-refused") return addressRefused(error, contact);
      const refused = refusedPlace(error, "the MSN server");
      if (refused !== undefined) return refused.replace(/\.$/u, "");
      return PROBLEMS[problem].replaceAll("{}", contact);
    }
  }
}

// With the address, unless it was none at all.
function addressRefused(error: MsnError, contact: string): string {
  const refused = refusedAddress(error);
  const which = refused === undefined ? "" : `: ${refused.message}`;
  const what = `${contact}'s program named an address that this bridge must not connect to${which}`;
  if (refused !== undefined && refused.reason !== "private") return what;
  return (
    `${what}; if ${contact} is in the same network as the bridge, the admin of this bridge can allow that with ` +
    "media.allow_private_addresses"
  );
}

function cancelled(code: string, contact: string): string {
  if (code === "FTTIMEOUT" || code === "FAIL") return `${contact}'s program could not connect to this bridge`;
  return code === "TIMEOUT" ? `${contact} did not answer in time` : `${contact} cancelled it`;
}

/** Why the homeserver could not take or give a file. */
export function whyHomeserver(error: unknown): string {
  const refused = refusedAddress(error);
  if (refused !== undefined) return redirected(refused);
  if (!(error instanceof MatrixError)) return "this bridge could not go on with it";
  if (error.status === 413) {
    return (
      "your homeserver, or a proxy in front of it, does not carry files as large as this; its admin can raise the limit " +
      "(Synapse: max_upload_size, nginx: client_max_body_size)"
    );
  }
  if (error.code === "too-large") return "your homeserver, or this bridge, does not carry files as large as this";
  if (error.code === "not-found") return "your homeserver does not have it any more";
  if (error.retryable) return "your homeserver does not answer right now";
  return "your homeserver refused it";
}

function redirected({ message, reason }: AddressRefused): string {
  const what = `your homeserver keeps it at a place where this bridge does not connect: ${message}`;
  return reason === "private" ? `${what}. If that is right, its admin can set media.allow_private_addresses` : what;
}

function seconds(ms: number): string {
  const count = Math.max(1, Math.round(ms / 1000));
  return count === 1 ? "a second" : `${count} seconds`;
}
