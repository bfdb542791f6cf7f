import type { Address } from "../base/address.ts";

/** Where one MSN network is. */
export interface MsnServer extends Address {
  /** The Passport nexus, which says where to log in. */
  readonly nexusUrl: string;
  /** Where to log in; the nexus is then not asked. */
  readonly loginUrl?: string | undefined;
}
