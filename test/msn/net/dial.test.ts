import { once } from "node:events";
import { createServer, Socket } from "node:net";
import { expect } from "chai";
import { takePort } from "../../../src/demo/port.ts";
import { MsnError } from "../../../src/msn/base/errors.ts";
import { parseAddress } from "../../../src/msn/base/address.ts";
import { dialInTime, dialTcp, type Dial } from "../../../src/msn/net/dial.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { keepAliveSeconds } from "../../support/keep-alive.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

describe("msn/net/dial", () => {
  const ADDRESSES: Array<[text: string, host: string | undefined, port?: number]> = [
    ["207.46.104.20:1863", "207.46.104.20", 1863],
    ["messenger.example.net:443", "messenger.example.net", 443],
    ["messenger.example.net", "messenger.example.net", 1863],
    ["x:65535", "x", 65535],
    ["x:65536", undefined],
    ["x:0", undefined],
    ["x:", undefined],
    ["x:-1", undefined],
    ["x:123456", undefined],
    ["x:18a", undefined],
    ["a b:1863", undefined],
    ["a:b:1863", undefined],
    [":1863", undefined],
    ["", undefined],
  ];
  for (const [text, host, port] of ADDRESSES) {
    it(`reads "${text}" as ${host === undefined ? "no address" : `${host}, port ${port}`}`, () => {
      expect(parseAddress(text)).to.deep.equal(host === undefined ? undefined : { host, port });
    });
  }

  it("reads no address with control codes in it, which nobody could connect to", () => {
    for (const text of ["a\0.example.net:1863", "\0", "a\u007f:1863"]) expect(parseAddress(text)).to.equal(undefined);
  });

  it("connects, and the bytes go both ways at once", async () => {
    const server = createServer((socket) => socket.pipe(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const stream = await dialTcp("127.0.0.1", port);
    try {
      expect(stream).to.be.instanceOf(Socket).with.property("timeout", 0);
      const echoed = once(stream, "data");
      stream.write("VER 1 MSNP8 CVR0\r\n");
      expect(String((await echoed)[0])).to.equal("VER 1 MSNP8 CVR0\r\n");
      // Whoever has the stream must hear of its errors.
      expect(stream.listenerCount("error")).to.equal(0);
    } finally {
      stream.destroy();
      server.close();
    }
  });

  it("says which server cannot be reached, and why", async () => {
    const port = await takePort();
    const error = await rejection(dialTcp("127.0.0.1", port));
    expect(error).to.be.instanceOf(MsnError).with.property("code", "connect-failed");
    expect(error.message).to.equal(`127.0.0.1 port ${port} cannot be reached: ECONNREFUSED`);
  });

  const FAULTS: Array<[what: string, dial: Dial, code: string]> = [
    ["rejects with anything", async () => Promise.reject(new Error("no proxy")), "protocol"],
    [
      "throws at once",
      () => {
        throw new TypeError("no proxy");
      },
      "protocol",
    ],
    ["says why", async () => Promise.reject(new MsnError("timeout", "the proxy is silent")), "timeout"],
  ];
  for (const [what, dial, code] of FAULTS)
    it(`throws nothing but MsnError when one who dials in another way ${what}`, async () => {
      const error = await rejection(dialInTime(dial, { host: "sb", port: 1863 }, new FakeClock()));
      expect(error).to.be.instanceOf(MsnError).and.include({ code });
    });

  it("has the system ask after a minute of silence whether the other end is there", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const stream = await dialTcp("127.0.0.1", typeof address === "object" ? (address?.port ?? 0) : 0);
    try {
      if (!(stream instanceof Socket)) throw new Error("no socket");
      await until("the timer", () => keepAliveSeconds(stream) !== undefined);
      expect(keepAliveSeconds(stream)).to.be.within(50, 60);
    } finally {
      stream.destroy();
      server.close();
    }
  });
});
