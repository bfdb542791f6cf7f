import type { MsnError } from "../base/errors.ts";

/** Which answer a message asks for (docs/msnp.md 4.4). A: whether it arrived. N: only that it did not. U: none. */
export type AckClass = "A" | "N" | "U";

/** What became of a message. */
export type Delivery =
  /** All have it; where no such answer was asked for (`AckClass`), nobody said otherwise. */
  | { readonly state: "delivered" }
  /** It did not arrive, and that is certain. */
  | { readonly state: "failed"; readonly error: MsnError }
  /** Its bytes were written, and then nothing came: it may have arrived. */
  | { readonly state: "uncertain"; readonly error: MsnError };
