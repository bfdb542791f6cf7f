import type { Address } from "../base/address.ts";

/** Where one MSN network is. */
export interface MsnServer extends Address {
  /** The Passport nexus, which says where to log in. */
  readonly nexusUrl: string;
  /** Where to log in; the nexus is then not asked. */
  readonly loginUrl?: string | undefined;
  /**
   * Whether it may send us to addresses inside a network, and of this machine. Without it only those may that are at such an
   * address themselves (docs/msnp.md 2.1).
   */
  readonly allowPrivateAddresses?: boolean | undefined;
  /** Whether it may send us to ports below 1024; without it, to 443 and its own only. */
  readonly allowLowPorts?: boolean | undefined;
}
