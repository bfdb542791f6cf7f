import { connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { expect } from "chai";
import { listenTcp } from "../../../src/msn/net/listen.ts";
import { keepAliveSeconds } from "../../support/keep-alive.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const HOST = "127.0.0.1";

describe("msn/net/listen", () => {
  it("lets people in until it is closed, and those who are in stay", async () => {
    const visitors: Duplex[] = [];
    const listener = await listenTcp(HOST)(0, (stream) => visitors.push(stream));
    const guest = connect(listener.port, HOST);
    let heard = "";
    guest.on("data", (bytes: Buffer) => (heard += bytes.toString()));
    const host = await until("a visitor", () => visitors[0]);
    listener.close();
    const late = connect(listener.port, HOST);
    await new Promise((resolve) => late.once("error", resolve));
    // Half of the connection has ended, and the other half still carries something.
    guest.end();
    host.resume();
    await until("the end", () => host.readableEnded);
    host.end("goodbye");
    await until("goodbye", () => heard === "goodbye");
    expect(visitors).to.have.length(1);
  });

  it("has the system ask after a minute of silence whether a visitor is still there", async () => {
    const visitors: Duplex[] = [];
    const listener = await listenTcp(HOST)(0, (stream) => visitors.push(stream));
    const guest = connect(listener.port, HOST);
    try {
      const host = await until("a visitor", () => visitors[0]);
      if (!(host instanceof Socket)) throw new Error("no socket");
      await until("the timer", () => keepAliveSeconds(host) !== undefined);
      expect(keepAliveSeconds(host)).to.be.within(50, 60);
    } finally {
      guest.destroy();
      listener.close();
      for (const host of visitors) host.destroy();
    }
  });

  it("says when a port cannot be had", async () => {
    const listen = listenTcp(HOST);
    const first = await listen(0, () => undefined);
    expect(await rejection(listen(first.port, () => undefined))).to.have.property("code", "EADDRINUSE");
    first.close();
    const again = await until("the port", () => listen(first.port, () => undefined).catch(() => undefined));
    expect(again.port).to.equal(first.port);
    again.close();
  });
});
