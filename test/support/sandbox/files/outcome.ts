/** Why a transfer came to nothing. */
export type FailureReason =
  /** Nobody said yes or no. */
  | "no-answer"
  /** Neither side can, or wants to, say where she listens. */
  | "no-address"
  /** Nobody connected who could prove who she is, or there was nobody to connect to. */
  | "no-connection"
  /** Nothing came for too long. */
  | "stalled"
  /** The connection ended too early. */
  | "closed"
  /** The size on the connection is not the one of the offer. */
  | "size"
  /** What came made no sense. */
  | "garbage"
  /** The receiver ended it with a number that is none of success. */
  | "bye"
  /** The board went before both had agreed. */
  | "board-closed"
  | "signed-out"
  /** She herself ended it, as her behaviour has it. */
  | "misbehaved";

export type FileFailure =
  | { readonly type: "declined"; readonly code: string }
  /** The code is a Cancel-Code, or what ended it on the connection: `CCL`, `01`, or the number of a BYE. */
  | { readonly type: "cancelled"; readonly by: "me" | "other"; readonly code: string }
  | { readonly type: "failed"; readonly reason: FailureReason; readonly code?: string };

/** What became of a connection that should not have been made. */
export type IntruderFate = "refused" | "closed" | "answered" | "left open";

/** What else there is to know of a transfer that is over. */
export interface Circumstances {
  /** Bytes of the file that were sent or received. */
  readonly bytes: number;
  /** Where the other said that she listens. It was port `port` of the loopback that was connected to, whatever she said. */
  readonly announced?: { readonly address: string; readonly port: number };
  /** Of the behaviours `stranger-first` and `connects-twice`. */
  readonly intruder?: IntruderFate;
}

export type SendOutcome = ({ readonly type: "sent" } | FileFailure) & Circumstances;

/** `trailing` counts the bytes that came after the last one of the file. */
export type ReceiveOutcome = ({ readonly type: "received"; readonly trailing: number } | FileFailure) & Circumstances;

/** Ends a transfer from wherever it is. */
export class TransferEnd extends Error {
  readonly failure: FileFailure;

  constructor(failure: FileFailure) {
    super(`the transfer is over: ${failure.type}`);
    this.failure = failure;
  }
}
