import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect } from "chai";
import { linkHolder } from "../../../src/matrix/media/link-holder.ts";

describe("matrix/media/link-holder", () => {
  const holder = (peer: string, forwarded?: string): string => {
    const socket = new Socket();
    Object.defineProperty(socket, "remoteAddress", { value: peer });
    const request = new IncomingMessage(socket);
    if (forwarded !== undefined) request.headers["x-forwarded-for"] = forwarded;
    return linkHolder(request, "token");
  };

  for (const [peer, forwarded, expected] of [
    ["203.0.113.7", undefined, "203.0.113.7"],
    // Nobody on the internet is believed.
    ["203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["::ffff:203.0.113.7", undefined, "203.0.113.7"],
    // A home has all of these.
    ["2001:db8:1:2:3:4:5:6", undefined, "2001:db8:1:2"],
    ["2001:db8:1:2::9", undefined, "2001:db8:1:2"],
    ["2001:db8::9", undefined, "2001:db8:0:0"],
    // Proxies of the admin's.
    ["127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::1", "192.0.2.9, 198.51.100.1", "198.51.100.1"],
    ["172.18.0.2", "198.51.100.1:4711", "198.51.100.1"],
    ["fd00::2", "2001:db8:1:2::9", "2001:db8:1:2"],
    ["10.1.2.3", "[2001:db8:1:2::9]:4711", "2001:db8:1:2"],
    // They do not say.
    ["127.0.0.1", undefined, "link token"],
    ["127.0.0.1", "", "link token"],
    ["192.168.1.1", "unknown", "link token"],
    ["::ffff:127.0.0.1", "_hidden, x", "link token"],
    ["", undefined, ""],
  ] as const)
    it(`of ${peer || "nobody"}${forwarded === undefined ? "" : ` for "${forwarded}"`} is ${expected}`, () => {
      expect(holder(peer, forwarded)).to.equal(expected);
    });
});
