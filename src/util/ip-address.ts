import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * Who can be at an address, by the registries of special addresses of the IANA.
 * - `public`: anybody
 * - `private`: this machine, a private network, that of a provider
 * - `link`: what is on the same cable, and where clouds tell a machine its secrets
 * - `reserved`: protocol assignments, benchmarks, networks that translate addresses
 * - `documentation`: nobody, in examples
 * - `nowhere`: unspecified, multicast, broadcast, not assigned, no address at all
 */
export type AddressKind = "public" | "private" | "link" | "reserved" | "documentation" | "nowhere";

type Subnet = readonly [network: string, prefix: number];
type Version = "ipv4" | "ipv6";

const SPECIAL_4: ReadonlyArray<readonly [AddressKind, ...Subnet[]]> = [
  // Besides the link itself, where Alibaba and Azure tell secrets.
  ["link", ["169.254.0.0", 16], ["100.100.100.200", 32], ["168.63.129.16", 32]],
  ["private", ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["172.16.0.0", 12], ["192.168.0.0", 16]],
  ["reserved", ["192.0.0.0", 24], ["192.88.99.0", 24], ["198.18.0.0", 15]],
  ["documentation", ["192.0.2.0", 24], ["198.51.100.0", 24], ["203.0.113.0", 24]],
  ["nowhere", ["0.0.0.0", 8], ["224.0.0.0", 4], ["240.0.0.0", 4]],
];
const SPECIAL_6: ReadonlyArray<readonly [AddressKind, ...Subnet[]]> = [
  // The second is where Amazon tells secrets.
  ["link", ["fe80::", 10], ["fd00:ec2::254", 128]],
  ["private", ["::1", 128], ["fc00::", 7]],
  ["reserved", ["64:ff9b:1::", 48], ["2001::", 23]],
  ["documentation", ["2001:db8::", 32], ["3fff::", 20]],
  ["public", ["2000::", 3]],
];
// What stands for an address of the fourth version: mapped, translated, 6to4; and in which of its words that begins.
const EMBEDDING: ReadonlyArray<readonly [list: BlockList, word: number]> = [
  [listOf([["::ffff:0:0", 96]], "ipv6"), 6],
  [listOf([["64:ff9b::", 96]], "ipv6"), 6],
  [listOf([["2002::", 16]], "ipv6"), 1],
];

// One list for each version: a list of both takes an address of the sixth that holds one of the fourth for the latter.
const [special4, special6] = [listsOf(SPECIAL_4, "ipv4"), listsOf(SPECIAL_6, "ipv6")];

/** What kind of address it is; of one that holds one of the fourth version, that one's. Names are `nowhere`. */
export function kindOf(address: string): AddressKind {
  // A zone says which of our own networks is meant.
  const [bare = ""] = address.split("%");
  switch (isIP(bare)) {
    case 4:
      return special4.find(([, list]) => list.check(bare, "ipv4"))?.[0] ?? "public";
    case 6: {
      const inner = embeddedIn(bare);
      if (inner !== undefined) return kindOf(inner);
      return special6.find(([, list]) => list.check(bare, "ipv6"))?.[0] ?? "nowhere";
    }
    default:
      return "nowhere";
  }
}

/** The address of the fourth version for which one of the sixth stands. */
export function embeddedIn(address: string): string | undefined {
  const [bare = ""] = address.split("%");
  if (isIP(bare) !== 6) return undefined;
  const word = EMBEDDING.find(([list]) => list.check(bare, "ipv6"))?.[1];
  if (word === undefined) return undefined;
  const words = wordsOf(bare);
  const [high = 0, low = 0] = words.slice(word, word + 2);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/** Whether two addresses are the same, however they are written. */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [embeddedIn(one) ?? one, embeddedIn(other) ?? other];
  const family = isIP(a);
  if (family === 0 || family !== isIP(b) || a.includes("%") || b.includes("%")) return false;
  const version = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addAddress(a, version);
  return list.check(b, version);
}

/** Whether it leads to this machine itself, from wherever on it: more addresses do than its networks have. */
export function isLoopback(address: string): boolean {
  const inner = embeddedIn(address) ?? address;
  return isIP(inner) === 4 ? inner.startsWith("127.") : isSameAddress(inner, "::1");
}

/** The addresses of this machine. Read each time, because networks come and go. */
export function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
}

/** Whose an address is, as far as it says that: of the sixth version one home has all that begin with the same four words. */
export function holderOf(address: string): string {
  const [bare = ""] = address.split("%");
  const inner = embeddedIn(bare);
  if (inner !== undefined || isIP(bare) !== 6) return inner ?? address;
  return wordsOf(bare)
    .slice(0, 4)
    .map((word) => word.toString(16))
    .join(":");
}

// As the web writes addresses: in lower case, without zeros in front, and with no address of the fourth version in them.
function wordsOf(address: string): number[] {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [left, right] = [splitWords(head), splitWords(tail ?? "")];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].map((word) => Number.parseInt(word, 16));
}

function splitWords(part: string): string[] {
  return part === "" ? [] : part.split(":");
}

function listsOf(
  special: ReadonlyArray<readonly [AddressKind, ...Subnet[]]>,
  version: Version,
): Array<[AddressKind, BlockList]> {
  return special.map(([kind, ...subnets]) => [kind, listOf(subnets, version)]);
}

function listOf(subnets: readonly Subnet[], version: Version): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, version);
  return list;
}
