import { BlockList, isIP } from "node:net";
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
}

type Subnet = readonly [network: string, prefix: number];

// The registries of special addresses of the IANA. Nobody can be at these: unspecified, protocol assignments,
// documentation, benchmarks, relays, multicast, reserved and broadcast.
const NOBODY_4: readonly Subnet[] = [
  ["0.0.0.0", 8],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
const PRIVATE_4: readonly Subnet[] = [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
];
// Of the sixth version only these are assigned to hosts, the second row excepted: tunnels and what stands for addresses of the
// fourth version could lead anywhere.
const GLOBAL_6: readonly Subnet[] = [["2000::", 3]];
const NOBODY_6: readonly Subnet[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];
const PRIVATE_6: readonly Subnet[] = [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
];

// One list for each version: a list of both takes an address of the sixth that holds one of the fourth for the latter.
const [nobody4, private4] = [listOf(NOBODY_4, "ipv4"), listOf(PRIVATE_4, "ipv4")];
const [global6, nobody6, private6] = [listOf(GLOBAL_6, "ipv6"), listOf(NOBODY_6, "ipv6"), listOf(PRIVATE_6, "ipv6")];

const LOWEST_PORT = 1024;
const HIGHEST_PORT = 65_535;
// How some clients write a port in PortX (docs/msnp.md 5.1).
const PORT_X_KEY = 0x3141;

type Kind = "public" | "private" | "none";

/**
 * Whether a stranger may have us connect there (docs/msnp.md 5.3). Only addresses in numbers are accepted. At our own
 * public address nothing but transfers is meant for them, whatever else listens there.
 */
export function mayConnect({ host, port }: Address, rules: AddressRules): boolean {
  if (!(port >= (rules.allowLowPorts ? 1 : LOWEST_PORT) && port <= HIGHEST_PORT)) return false;
  if (rules.publicAddress !== undefined && isSame(host, rules.publicAddress)) {
    const [first, last] = rules.ports;
    return rules.allowPrivateAddresses || (port >= first && port <= last);
  }
  const kind = kindOf(host);
  return kind === "public" || (kind === "private" && rules.allowPrivateAddresses);
}

/**
 * Where the one who listens may be reached, best first: the address behind a router is for those who share its public one,
 * and the ports in other notation come last (docs/msnp.md 5.1). Empty when we may connect to none of it.
 */
export function addressesOf(transfer: TransferAddress, rules: AddressRules): Address[] {
  const { address, internalAddress, port, portX, portXInternal } = transfer;
  const isNeighbour = rules.publicAddress !== undefined && isSame(address, rules.publicAddress);
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

function kindOf(host: string): Kind {
  // A zone says which of our own networks to use.
  if (host.includes("%")) return "none";
  switch (isIP(host)) {
    case 4:
      if (nobody4.check(host, "ipv4")) return "none";
      return private4.check(host, "ipv4") ? "private" : "public";
    case 6:
      if (private6.check(host, "ipv6")) return "private";
      return global6.check(host, "ipv6") && !nobody6.check(host, "ipv6") ? "public" : "none";
    default:
      return "none";
  }
}

// However they are written.
function isSame(one: string, other: string): boolean {
  const family = isIP(one);
  if (family === 0 || family !== isIP(other) || one.includes("%") || other.includes("%")) return false;
  const list = new BlockList();
  const version = family === 4 ? "ipv4" : "ipv6";
  list.addAddress(one, version);
  return list.check(other, version);
}

function listOf(subnets: readonly Subnet[], version: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, version);
  return list;
}
