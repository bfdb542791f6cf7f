/** When somebody cancels: right after the offer, after the yes, once connected, or after so many bytes of the file. */
export type Moment = "offered" | "accepted" | "connected" | number;

/** A line that one side of the connection has to say. */
export type Word = "VER" | "USR" | "FIL" | "TFR" | "BYE";

/** What either side may do otherwise than it should. `after` counts bytes of the file. */
type AnyBehaviour =
  /** Cancels on the board, with any code. */
  | { readonly type: "cancels"; readonly at: Moment; readonly code: string }
  /** Does not connect; or, if she is to listen, names a port where nobody does. */
  | { readonly type: "never-connects" }
  /** Names another address or port than the one where she listens. */
  | { readonly type: "announces"; readonly address?: string; readonly port?: number }
  /** Says nothing more from this word on, and stays. */
  | { readonly type: "silent"; readonly before: Word }
  /** Says something else than the word; whatever follows is as if it had been right. */
  | { readonly type: "says"; readonly insteadOf: Word; readonly line: string }
  /** The receiver says a wrong number; the sender takes the right one for wrong. */
  | { readonly type: "wrong-cookie" }
  /** Stays, and neither sends nor reads any more. */
  | { readonly type: "stalls"; readonly after: number }
  | { readonly type: "closes"; readonly after: number }
  | { readonly type: "resets"; readonly after: number }
  /** If she is to connect: somebody who cannot prove who she is connects before her. */
  | { readonly type: "stranger-first" }
  /** If she is to connect: connects a second time while the first connection is in use. */
  | { readonly type: "connects-twice" };

/** What the sender of a file may do otherwise. */
export type SenderBehaviour =
  | AnyBehaviour
  /** Hears the yes and does not say where she listens. */
  | { readonly type: "no-address" }
  /** Another size in the invitation, on the connection, or both. */
  | { readonly type: "lies"; readonly invitation?: number; readonly fil?: number }
  /** Goes on when the file has ended. */
  | { readonly type: "sends-more"; readonly bytes: number }
  /** Sends a block after the BYE. */
  | { readonly type: "late-block" }
  /** Sends the end mark: a cancellation before the end of the file, a habit of some clients right at it. */
  | { readonly type: "marker"; readonly after: number }
  /** Sends the bytes where a block should begin. */
  | { readonly type: "garbage-block"; readonly after: number; readonly bytes: Buffer };

/** What the receiver of a file may do otherwise. */
export type ReceiverBehaviour =
  | AnyBehaviour
  /** Cancels on the connection. */
  | { readonly type: "CCL"; readonly after: number }
  /** Ends it with this number instead of the one for success. */
  | { readonly type: "bye"; readonly after: number; readonly code: number };

export type Behaviour = SenderBehaviour | ReceiverBehaviour;

/** After how many bytes of the file something happens; undefined when nothing does. */
export function stopOf(behaviour: Behaviour | undefined): number | undefined {
  if (behaviour === undefined) return undefined;
  if (behaviour.type === "cancels") return typeof behaviour.at === "number" ? behaviour.at : undefined;
  return "after" in behaviour ? behaviour.after : undefined;
}
