import { MsnError, type MsnErrorCode } from "../base/errors.ts";
import type { CancelCode } from "../wire/invitation.ts";

interface Problem {
  readonly code: MsnErrorCode;
  /** What the contact is told on the switchboard, as long as there is no connection of the transfer's own. */
  readonly cancel: CancelCode;
  readonly text: string;
}

function problem(code: MsnErrorCode, cancel: CancelCode, text: string): Problem {
  return { code, cancel, text };
}

// docs/msnp.md 5.1 and 5.3.
const PROBLEMS = {
  undelivered: problem("contact-offline", "FAIL", "the contact could not be told about the file"),
  "signed-out": problem("contact-offline", "FAIL", "the contact signed out before the transfer began"),
  left: problem("contact-offline", "FAIL", "the contact left the chat before the transfer began"),
  unanswered: problem("timeout", "TIMEOUT", "the offer of the file was not answered in time"),
  "too-large": problem("rejected", "REJECT", "the file is larger than is allowed here"),
  "too-many": problem("limited", "FAIL", "more files are under way than are carried at once here"),
  "no-address": problem("rejected", "FAIL", "neither side can be connected to by the other"),
  "address-refused": problem("rejected", "FAIL", "the contact named an address that must not be connected to"),
  "ports-busy": problem("rejected", "FAIL", "all ports for transfers are in use"),
  unreachable: problem("connect-failed", "FTTIMEOUT", "the contact cannot be reached at the address that was named"),
  unconnected: problem("timeout", "FTTIMEOUT", "no connection for the file came about in time"),
  stalled: problem("timeout", "FTTIMEOUT", "the contact fell silent in the middle of the transfer"),
  "too-slow": problem("timeout", "FTTIMEOUT", "the transfer took too long"),
  closed: problem("connection-closed", "FAIL", "the connection ended before the file did"),
  unconfirmed: problem("connection-closed", "FAIL", "the whole file was sent, but the contact did not confirm it"),
  protocol: problem("protocol", "FAIL", "the contact's program sent something that cannot be understood"),
  "wrong-size": problem("protocol", "FAIL", "the file is not as large as was announced"),
  "not-saved": problem("rejected", "FAIL", "the contact's program could not save the file"),
  content: problem("rejected", "OUTBANDCANCEL", "our side could not go on reading or writing the file"),
} as const satisfies Record<string, Problem>;

/** Why a transfer failed. */
export type FileProblem = keyof typeof PROBLEMS;

/** How a transfer ended. */
export type TransferOutcome =
  /** The receiver has the whole file, and has said so. */
  | { readonly state: "done" }
  /** The receiver did not want it, or their program did not take it. */
  | { readonly state: "declined"; readonly by: "us" | "them"; readonly code: CancelCode | "unknown" }
  /** One side changed its mind after that, or the sender before it. */
  | { readonly state: "cancelled"; readonly by: "us" | "them"; readonly code: CancelCode | "unknown" }
  | { readonly state: "failed"; readonly problem: FileProblem; readonly error: MsnError };

/** Ends a transfer from anywhere inside it. */
export class TransferEnd extends Error {
  override readonly name = "TransferEnd";
  readonly outcome: TransferOutcome;

  constructor(outcome: TransferOutcome) {
    super(`the transfer is ${outcome.state}`);
    this.outcome = outcome;
  }
}

/** The outcome of a problem; where MSN itself has said what it was, in its words. */
export function failure(name: FileProblem, cause?: unknown): TransferOutcome {
  const { code, text } = PROBLEMS[name];
  const error = cause instanceof MsnError ? cause : new MsnError(code, text, { cause });
  return { state: "failed", problem: name, error };
}

/** What is thrown for a problem. */
export function failed(name: FileProblem, cause?: unknown): TransferEnd {
  return new TransferEnd(failure(name, cause));
}

/** The outcome that something thrown stands for. */
export function outcomeOf(error: unknown): TransferOutcome {
  return error instanceof TransferEnd ? error.outcome : failure("protocol", error);
}

/** What the contact is told on the switchboard of an outcome, unless they brought it about. */
export function cancelCodeOf(outcome: TransferOutcome): CancelCode | undefined {
  switch (outcome.state) {
    case "done":
      return undefined;
    case "declined":
    case "cancelled":
      return outcome.by === "us" && outcome.code !== "unknown" ? outcome.code : undefined;
    case "failed":
      return PROBLEMS[outcome.problem].cancel;
  }
}
