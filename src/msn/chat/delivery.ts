import type { MsnError } from "../base/errors.ts";

/** Which answer a message asks for (docs/msnp.md 4.4). A: whether it arrived. N: only that it did not. U: none. */
export type AckClass = "A" | "N" | "U";

/** Who has to know when a message goes out: up to then it certainly has not arrived. */
export interface WriteListener {
  /** Called just before the first byte, and again when it is written on another board. If it throws, nothing is written. */
  onWrite(): void;
}

/** What became of a message. */
export type Delivery =
  /** All have it; where no such answer was asked for (`AckClass`), nobody said otherwise. */
  | { readonly state: "delivered" }
  /** It did not arrive, and that is certain. */
  | { readonly state: "failed"; readonly error: MsnError }
  /** Its bytes were written, and then nothing came: it may have arrived. */
  | { readonly state: "uncertain"; readonly error: MsnError };
