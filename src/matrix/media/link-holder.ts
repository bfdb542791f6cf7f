import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { holderOf, kindOf } from "../../util/ip-address.ts";

/**
 * Who asks for a file, as far as that can be told. A reverse proxy, which nobody on the internet can be, is believed about
 * whom it asks for; one that does not say leaves only the link to go by.
 */
export function linkHolder(request: IncomingMessage, token: string): string {
  const peer = request.socket.remoteAddress ?? "";
  if (kindOf(peer) !== "private") return holderOf(peer);
  const forwarded = [request.headers["x-forwarded-for"]].flat().join(",");
  // Each proxy adds whom it has been asked by; what stands before may be anybody's invention.
  const named = withoutPort(forwarded.split(",").at(-1)?.trim() ?? "");
  return isIP(named) === 0 ? `link ${token}` : holderOf(named);
}

function withoutPort(address: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
}
