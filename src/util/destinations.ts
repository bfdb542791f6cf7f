// WHERE OTHERS MAY SEND US
//
// The problem. A server that the admin has chosen names others: where to sign in, where a conversation is, where a file is
// kept. Each of these can be an address inside our own network, which nobody outside could reach, or a name that stands for
// one, perhaps only when it is looked up for the second time.
//
// Rules
// - The chosen place itself is where its name leads, wherever that is. But once that was outside it does not lead inside any
//   more: those who own the name could turn it to what they want to have asked.
// - Everything else is checked when it is connected to, and what was checked is what is connected to: a name is looked up
//   once, by the connection itself, and only those of its addresses go on that may be connected to.
// - Addresses inside a network, and this machine's own, are for those who are inside as well: where the chosen place was
//   found at such an address, and as long as no place outside has had a say. That is decided by the addresses to which
//   connections went, because a name alone can be turned from one to the other by those who own it. What is on the same
//   link, where clouds tell secrets, is not even for them.
// - Ports below 1024 are for other services, save that of https and the one that was chosen.

import { lookup as lookUp } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { isSameAddress, kindOf, machineAddresses } from "./ip-address.ts";

/** Looks up which addresses a name stands for, as `net.connect` asks for it. */
export type Lookup = LookupFunction;

/** A host and a port of it. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

export interface DestinationOptions {
  /** Whether addresses inside a network, and this machine's own, may be connected to in any case. */
  readonly allowPrivateAddresses?: boolean | undefined;
  /** Whether ports below 1024 may be connected to. */
  readonly allowLowPorts?: boolean | undefined;
  /** Looks names up; the system does if not given. */
  readonly lookup?: Lookup | undefined;
}

/** What is wrong with a place: what would allow it, if anything can. */
export type RefusalReason = "private" | "low-port" | "nowhere";

/** Somebody named a place that must not be connected to. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";
  readonly reason: RefusalReason;

  /** @param address what the name of the host stands for */
  constructor({ host, port }: Destination, reason: RefusalReason, address = host) {
    const leadsTo = address === host ? "" : ` leads to ${address}, which`;
    super(`${shown(host)} port ${port}${leadsTo} ${WHY[reason]}`);
    this.reason = reason;
  }
}

const MAX_SHOWN = 100;

// People read it, and it is in the hand of whoever named it.
function shown(host: string): string {
  const plain = host.replaceAll(/[^\w.:%-]/gu, "?");
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}...` : plain;
}

const WHY: Readonly<Record<RefusalReason, string>> = {
  private: "is inside a private network or on this machine",
  "low-port": "is a port below 1024, which other services have",
  nowhere: "is an address that no server can have",
};

/** Which place it was, when something failed because that place must not be connected to. */
export function refusedAddress(error: unknown): AddressRefused | undefined {
  if (error instanceof AddressRefused) return error;
  return error instanceof Error ? refusedAddress(error.cause) : undefined;
}

const [LOWEST_PORT, HTTPS_PORT, HIGHEST_PORT] = [1024, 443, 65_535] as const;

/** Decides what may be connected to of what a chosen place, and those that it names, name. */
export class Destinations {
  readonly #chosen: Destination;
  readonly #options: DestinationOptions;
  readonly #lookup: Lookup;
  /** Whether a place inside, or one outside, was connected to. */
  #hasInside = false;
  #hasOutside = false;
  /** What the chosen place was found at first. */
  readonly #first = new Set<string>();

  constructor(chosen: Destination, options: DestinationOptions = {}) {
    this.#chosen = chosen;
    this.#options = options;
    this.#lookup = options.lookup ?? lookUp;
    if (isIP(chosen.host) === 0) return;
    this.#first.add(chosen.host);
    this.#note(chosen.host);
  }

  /**
   * Whether a place may be connected to, as far as that shows without looking it up.
   * @returns what the connection has to look names up with, which decides the rest
   * @throws AddressRefused
   */
  check(place: Destination): Lookup {
    const isChosen = this.#isChosen(place);
    if (!isChosen && !this.#isPortFine(place.port)) throw new AddressRefused(place, "low-port");
    const whyNot = (address: string): RefusalReason | undefined =>
      isChosen && this.#mayBeChosen(address) ? undefined : this.#whyNot(address);
    if (isIP(place.host) !== 0) {
      const reason = whyNot(place.host);
      if (reason !== undefined) throw new AddressRefused(place, reason);
      this.#note(place.host);
    }
    return (name, options, done) => {
      this.#lookup(name, options, (error, found, family) => {
        if (error !== null) return done(error, found, family);
        const all = typeof found === "string" ? [{ address: found }] : found;
        const reasons = all.map(({ address }) => whyNot(address));
        if (isChosen && this.#first.size === 0) for (const { address } of all) this.#first.add(address);
        const firstBad = reasons.findIndex((reason) => reason !== undefined);
        const [bad, why] = [all[firstBad], reasons[firstBad]];
        for (const [at, { address }] of all.entries()) if (reasons[at] === undefined) this.#note(address);
        if (bad !== undefined && why !== undefined && reasons.every((reason) => reason !== undefined))
          return done(new AddressRefused(place, why, bad.address), "", 0);
        done(null, typeof found === "string" ? found : found.filter((_, at) => reasons[at] === undefined), family);
      });
    };
  }

  #isChosen({ host, port }: Destination): boolean {
    return port === this.#chosen.port && bareName(host) === bareName(this.#chosen.host);
  }

  #mayBeChosen(address: string): boolean {
    // Some proxies on the way stand for every host of the world with an address of benchmarks, another one each time.
    return !this.#hasOutside || this.#first.has(address) || kindOf(address) === "reserved";
  }

  #isPortFine(port: number): boolean {
    if (!(port >= 1 && port <= HIGHEST_PORT)) return false;
    const isFree = port >= LOWEST_PORT || port === HTTPS_PORT || port === this.#chosen.port;
    return isFree || this.#options.allowLowPorts === true;
  }

  #whyNot(address: string): RefusalReason | undefined {
    const isAllowed = this.#options.allowPrivateAddresses === true;
    const isInside = this.#hasInside && !this.#hasOutside;
    switch (kindOf(address)) {
      case "nowhere":
        return "nowhere";
      case "link":
      case "reserved":
        return isAllowed ? undefined : "private";
      case "private":
        return isAllowed || isInside ? undefined : "private";
      case "public":
      case "documentation":
        return isAllowed || isInside || !isOwn(address) ? undefined : "private";
    }
  }

  #note(address: string): void {
    // Nothing changes that any more, and to read the addresses of this machine takes longer than all else here.
    if (this.#hasOutside) return;
    if (kindOf(address) === "private" || isOwn(address)) this.#hasInside = true;
    else this.#hasOutside = true;
  }
}

/** Where a web address leads. */
export function placeOf(url: string): Destination {
  // Nowhere; asking for it says what is wrong with it.
  if (!URL.canParse(url)) return { host: "", port: 0 };
  const { protocol, hostname, port } = new URL(url);
  const usual = protocol === "https:" ? HTTPS_PORT : 80;
  // An address of version 6 stands in brackets in a URL only.
  return { host: hostname.replace(/^\[|\]$/gu, ""), port: port === "" ? usual : Number(port) };
}

function isOwn(address: string): boolean {
  return machineAddresses().some((own) => isSameAddress(own, address));
}

function bareName(host: string): string {
  return host.toLowerCase().replace(/\.$/u, "");
}
