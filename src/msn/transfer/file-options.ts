import { isIP } from "node:net";
import { MsnError } from "../base/errors.ts";
import { listenTcp, type Listen } from "../net/listen.ts";
import type { AddressRules } from "./address-rules.ts";

/** How a client carries files. Everything may be left out. */
export interface FileOptions {
  /**
   * The address under which others reach this machine, an IP address. Without it nobody is asked to connect to us, and
   * files can be sent only to those who can be connected to.
   */
  readonly publicAddress?: string;
  /** The ports on which we are connected to; 6891 to 6900 if not given, as other clients do. Each carries one file at a time. */
  readonly ports?: readonly [first: number, last: number];
  /** The address at which to listen; every one if not given. */
  readonly listenHost?: string;
  /** Whether to connect to addresses inside a network, this machine's own included, when a contact names one. */
  readonly allowPrivateAddresses?: boolean;
  /** Ports of this machine at which the program itself listens: no contact may have us connect to them, whatever is allowed. */
  readonly closedPorts?: readonly number[];
  /** Whether to connect to ports below 1024. */
  readonly allowLowPorts?: boolean;
  /** The largest file, in bytes; 1 GiB if not given. */
  readonly maxSize?: number;
  /** How many files are carried at once, in both directions together; 10 if not given. */
  readonly maxTransfers?: number;
  /** How long a file may take, in seconds; an hour if not given. */
  readonly maxSeconds?: number;
  /** The least bytes in a second; below it, after a minute's grace, a transfer is given up. 1024 if not given. */
  readonly minRate?: number;
  /** The most bytes in a second; no limit if not given. */
  readonly maxRate?: number;
  /** How long nothing may come, in seconds; 30 if not given. */
  readonly idleSeconds?: number;
  /** How long an offer waits for an answer, in seconds; 5 minutes if not given. */
  readonly offerSeconds?: number;
  /** How long a connection may take to come about once both agree, in seconds; 60 if not given. */
  readonly connectSeconds?: number;
  /** Listens on a port; TCP if not given. */
  readonly listen?: Listen;
}

/** What transfers are held to. */
export interface FileRules extends AddressRules {
  readonly maxSize: number;
  readonly maxTransfers: number;
  readonly maxRate: number;
  readonly idleMs: number;
  readonly offerMs: number;
  readonly connectMs: number;
  readonly listen: Listen;
  /** The longest time for a file of so many bytes, in milliseconds. */
  readonly longestMs: (size: number) => number;
}

// docs/msnp.md 5.1 and 5.3.
const PORTS = [6891, 6900] as const;
const MAX_SIZE = 1024 ** 3;
const MAX_TRANSFERS = 10;
const MAX_SECONDS = 3600;
const MIN_RATE = 1024;
const GRACE_SECONDS = 60;
const IDLE_SECONDS = 30;
const OFFER_SECONDS = 300;
const CONNECT_SECONDS = 60;

/**
 * The options, with what was left out.
 * @throws MsnError `rejected` for a public address that is none
 */
export function rulesOf(options: FileOptions): FileRules {
  const { maxSeconds = MAX_SECONDS, minRate = MIN_RATE, publicAddress } = options;
  if (publicAddress !== undefined && isIP(publicAddress) === 0)
    throw new MsnError("rejected", "the public address for files has to be an IP address");
  return {
    publicAddress,
    ports: options.ports ?? PORTS,
    allowPrivateAddresses: options.allowPrivateAddresses ?? false,
    allowLowPorts: options.allowLowPorts ?? false,
    closedPorts: options.closedPorts,
    maxSize: options.maxSize ?? MAX_SIZE,
    maxTransfers: options.maxTransfers ?? MAX_TRANSFERS,
    maxRate: options.maxRate ?? Number.POSITIVE_INFINITY,
    idleMs: (options.idleSeconds ?? IDLE_SECONDS) * 1000,
    offerMs: (options.offerSeconds ?? OFFER_SECONDS) * 1000,
    connectMs: (options.connectSeconds ?? CONNECT_SECONDS) * 1000,
    listen: options.listen ?? listenTcp(options.listenHost),
    longestMs: (size) => Math.min(maxSeconds, GRACE_SECONDS + size / minRate) * 1000,
  };
}
