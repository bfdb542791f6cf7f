import { isIP } from "node:net";
import { AddressRefused, type RefusalReason } from "../../util/destinations.ts";
import { embeddedIn, isLoopback, isSameAddress, kindOf, machineAddresses } from "../../util/ip-address.ts";
import type { Address } from "../base/address.ts";
import type { TransferAddress } from "../wire/invitation.ts";

/** What may be connected to. */
export interface AddressRules {
  /** Where we are reached ourselves, and at which ports. */
  readonly publicAddress: string | undefined;
  readonly ports: readonly [first: number, last: number];
  /** Whether to connect to addresses inside a network, this machine's own included. */
  readonly allowPrivateAddresses: boolean;
  readonly allowLowPorts: boolean;
  /** Ports of this machine to which nobody may have us connect, whatever else is allowed. */
  readonly closedPorts?: readonly number[] | undefined;
  /** Every address of this machine; those of its networks if not given. */
  readonly ownAddresses?: () => readonly string[];
}

const LOWEST_PORT = 1024;
const HIGHEST_PORT = 65_535;
// How some clients write a port in PortX (docs/msnp.md 5.1).
const PORT_X_KEY = 0x3141;

/** Whether a stranger may have us connect there (docs/msnp.md 5.3). Only addresses in numbers are accepted. */
export function mayConnect(address: Address, rules: AddressRules): boolean {
  return whyNot(address, rules) === undefined;
}

/** What to say when we may connect to nothing of what the contact has named. */
export function refusedBy({ address, port }: TransferAddress, rules: AddressRules): AddressRefused {
  const place = { host: address, port };
  return new AddressRefused(place, whyNot(place, rules) ?? "private");
}

function whyNot({ host, port }: Address, rules: AddressRules): RefusalReason | undefined {
  if (!(port >= 1 && port <= HIGHEST_PORT)) return "nowhere";
  if (port < LOWEST_PORT && !rules.allowLowPorts) return "low-port";
  // A zone says which of our own networks to use, and an address inside another hides which it is.
  if (isIP(host) === 0 || host.includes("%") || embeddedIn(host) !== undefined) return "nowhere";
  return whyNotOwn({ host, port }, rules) ?? whyNotKind(host, rules);
}

// Of this machine only the ports for files are meant for others, whatever else listens there. Where people's programs run on
// the same machine, theirs are too, but never those at which we listen.
function whyNotOwn({ host, port }: Address, rules: AddressRules): RefusalReason | undefined {
  const { ports, allowPrivateAddresses, closedPorts = [], ownAddresses = machineAddresses } = rules;
  const isPublic = isPublicAddress(host, rules);
  if (!isPublic && !ownAddresses().some((own) => isSameAddress(host, own)) && !isLoopback(host)) return undefined;
  if (closedPorts.includes(port)) return "private";
  const [first, last] = ports;
  return allowPrivateAddresses || (isPublic && port >= first && port <= last) ? undefined : "private";
}

function whyNotKind(host: string, rules: AddressRules): RefusalReason | undefined {
  if (isPublicAddress(host, rules)) return undefined;
  switch (kindOf(host)) {
    case "public":
      return undefined;
    case "private":
    case "link":
      return rules.allowPrivateAddresses ? undefined : "private";
    case "reserved":
    case "documentation":
    case "nowhere":
      return "nowhere";
  }
}

/**
 * Where the one who listens may be reached, best first: the address behind a router is for those who share its public one,
 * and the ports in other notation come last (docs/msnp.md 5.1). Empty when we may connect to none of it.
 */
export function addressesOf(transfer: TransferAddress, rules: AddressRules): Address[] {
  const { address, internalAddress, port, portX, portXInternal } = transfer;
  const isNeighbour = isPublicAddress(address, rules);
  const inside = isNeighbour && internalAddress !== undefined ? [internalAddress] : [];
  const candidates = [
    ...at([...inside, address], [port]),
    ...at([...inside, address], portsOf(portX)),
    ...at([...inside, address], portsOf(portXInternal)),
  ];
  const places = new Map(candidates.map((one) => [`${one.host} ${one.port}`, one]));
  return [...places.values()].filter((one) => mayConnect(one, rules));
}

function at(hosts: readonly string[], ports: readonly number[]): Address[] {
  return ports.flatMap((port) => hosts.map((host) => ({ host, port })));
}

function portsOf(portX: number | undefined): number[] {
  return portX === undefined ? [] : [portX ^ PORT_X_KEY];
}

function isPublicAddress(host: string, { publicAddress }: AddressRules): boolean {
  return publicAddress !== undefined && isSameAddress(host, publicAddress);
}
