import type { Address } from "./address.ts";

/** Where a switchboard waits for us, and the key it wants to see. */
export interface SwitchboardTicket {
  readonly address: Address;
  readonly key: string;
}

/** A contact calls us to a switchboard. */
export interface Ring extends SwitchboardTicket {
  /** An opaque string (docs/msnp.md 4.1). */
  readonly session: string;
  readonly caller: string;
}
