import { expect } from "chai";
import { pagesOf } from "../../src/commands/pages.ts";
import { MIA, TestBridge } from "../support/test-bridge.ts";

describe("commands/pages", () => {
  it("says as many lines at once as can be read and as an event has room for, and loses none", () => {
    expect(pagesOf([])).to.deep.equal([]);
    expect(pagesOf(["one", "two"])).to.deep.equal(["one\ntwo"]);
    const many = Array.from({ length: 250 }, (_, index) => `line ${index}`);
    expect(pagesOf(many).map((page) => page.split("\n").length)).to.deep.equal([100, 100, 50]);
    const long = Array.from({ length: 30 }, (_, index) => `${index} ${"ü".repeat(1000)}`);
    const pages = pagesOf(long);
    expect(pages.join("\n").split("\n")).to.deep.equal(long);
    expect(Math.max(...pages.map((page) => Buffer.byteLength(page)))).to.be.at.most(20_000);
  });

  it("is how all of those are listed who wait for an answer", async () => {
    const bridge = await TestBridge.started();
    try {
      for (let index = 0; index < 400; index += 1) {
        const passport = `somebody-with-a-long-address-${index}@example.com`;
        bridge.sandbox.contact(passport, `Somebody who has a very, very long name ${index}`);
        bridge.sandbox.befriend(passport, MIA.passport);
      }
      const room = await bridge.login();
      await bridge.ask(room, "requests", "address-399@example.com");
      await bridge.ask(room, "contacts", "address-399@example.com");
    } finally {
      await bridge.close();
    }
  });
});
