import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

// Where a reverse proxy of the admin's may stand: nobody on the internet has such an address.
const PRIVATE = new BlockList();
PRIVATE.addSubnet("127.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("10.0.0.0", 8, "ipv4");
PRIVATE.addSubnet("172.16.0.0", 12, "ipv4");
PRIVATE.addSubnet("192.168.0.0", 16, "ipv4");
PRIVATE.addAddress("::1", "ipv6");
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/**
 * Who asks for a file, as far as that can be told: an address, of which only the network counts for IPv6, as one home has
 * all of that. A reverse proxy is believed about whom it asks for; one that does not say leaves only the link to go by.
 */
export function linkHolder(request: IncomingMessage, token: string): string {
  const peer = bare(request.socket.remoteAddress ?? "");
  if (!isPrivate(peer)) return network(peer);
  const forwarded = request.headers["x-forwarded-for"];
  // Each proxy adds whom it has been asked by; what stands before may be anybody's invention.
  const named = bare([forwarded].flat().join(",").split(",").at(-1)?.trim() ?? "");
  return isIP(named) === 0 ? `link ${token}` : network(named);
}

function bare(address: string): string {
  return (
    /^\[?(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)\]?(?::\d+)?$/i.exec(address)?.[1] ?? address.replace(/^\[(.*)\].*$/, "$1")
  );
}

function isPrivate(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && PRIVATE.check(address, version === 4 ? "ipv4" : "ipv6");
}

function network(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const [before, after] = [head, tail ?? ""].map((half) => half.split(":").filter((group) => group !== ""));
  const missing = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array.from({ length: missing }, () => "0"), ...(after ?? [])];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":");
}
