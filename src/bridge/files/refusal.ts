import { MsnError, type FileProblem, type TransferOutcome } from "../../msn/index.ts";
import { IN_GROUP, whyNot } from "../words/files.ts";

/** Why a contact did not get a file, and whether a link to it could help. */
export interface FileRefusal {
  readonly reason: string;
  readonly why: string;
  readonly mayLink: boolean;
}

// A contact who is offline cannot be sent a link either, and after the others a link is of no help, or not needed.
const NO_LINK: ReadonlySet<FileProblem> = new Set(["undelivered", "signed-out", "content", "unconfirmed"]);

// Sending it again would not help.
const FINAL: ReadonlySet<string> = new Set(["unsupported", "too-large", "not-found"]);

const TOO_LARGE: TransferOutcome & { state: "failed" } = {
  state: "failed",
  problem: "too-large",
  error: new MsnError("rejected", "the file is larger than is allowed here"),
};

/** MSN has no way to send a file to a group. */
export const GROUP_REFUSAL: FileRefusal = { reason: "unsupported", why: IN_GROUP, mayLink: true };

/** The file is larger than this bridge sends. */
export function tooLarge(contact: string): FileRefusal {
  return refusalOf(TOO_LARGE, contact);
}

/** What came of an offer that the contact, or the network, did not take. */
export function refusalOf(outcome: Exclude<TransferOutcome, { state: "done" }>, contact: string): FileRefusal {
  const why = whyNot(outcome, contact);
  switch (outcome.state) {
    case "declined":
      return { reason: "declined", why, mayLink: true };
    case "cancelled":
      return { reason: "cancelled", why, mayLink: outcome.by === "them" && outcome.code !== "OUTBANDCANCEL" };
    case "failed":
      return { reason: outcome.problem, why, mayLink: !NO_LINK.has(outcome.problem) };
  }
}

/** Whether it may help to send a file again. */
export function canRetry(reason: string): boolean {
  return !FINAL.has(reason);
}
