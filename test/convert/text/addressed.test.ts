import { expect } from "chai";
import { afterAddress } from "../../../src/convert/text/addressed.ts";
import { BOT, MIA, NILS, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const bot = { userId: BOT, name: "MSN bridge bot" };
const pill = (label: string, after: string, href = `https://matrix.to/#/${BOT}`): object => ({
  formatted_body: `<a href="${href}">${label}</a>${after}`,
});

describe("convert/text/addressed", () => {
  const cases: Array<[text: string, event: object, sure: string | undefined, other: string | undefined]> = [
    ["MSN bridge bot: help", {}, undefined, "help"],
    ["msn BRIDGE bot, help", {}, undefined, "help"],
    ["@msnbot:localhost help", {}, "help", "help"],
    ["@msnbot:localhost: help", {}, "help", "help"],
    ["@msnbot help", {}, undefined, "help"],
    ["msnbot: help", {}, undefined, "help"],
    ["MSN bot: help", pill("MSN bot", ": help"), "help", "help"],
    ["MSN bot help", pill("MSN bot", " help", `https://matrix.to/#/${encodeURIComponent(BOT)}`), "help", "help"],
    ["B &amp; C: help", pill("B & C", ": help"), undefined, undefined],
    ["B & C: help", pill("B &amp; C", ": help"), "help", "help"],
    ["MSN bot: help", pill("MSN bot", ": help", "matrix:u/msnbot:localhost?action=chat"), "help", "help"],
    ["[MSN bot](https://matrix.to/#/@msnbot:localhost): help", {}, "help", "help"],
    [
      "MSN bot: help",
      { formatted_body: `<p><a href='https://matrix.to/#/${BOT}'>MSN bot</a>: help</p>` },
      "help",
      "help",
    ],
    ["@MSN bot: help", pill("MSN bot", ": help"), "help", "help"],
    ["MSN bot: help", pill("@MSN bot", ": help"), "help", "help"],
    ["@[MSN bot] help", pill("@MSN bot", " help"), "help", "help"],
    ["MSN bot： help", pill("MSN bot", "： help"), "help", "help"],
    ["MSN bot:\nhelp", pill("MSN bot", ":<br>help"), "help", "help"],
    ["@", pill("@", " help"), undefined, undefined],
    ["* MSN bot", { "m.new_content": pill("MSN bot", "") }, undefined, undefined],
    ["MSN bot", { "m.new_content": pill("MSN bot", "") }, "", ""],
    ["Nils: help", pill("Nils", ": help", `https://matrix.to/#/@nils:localhost`), undefined, undefined],
    ["MSN bridge bots are fine", {}, undefined, undefined],
    ["@msnbot:localhost.example help", {}, undefined, undefined],
    ["help MSN bridge bot", {}, undefined, undefined],
    ["help", pill("", "help", "https://matrix.to/#/%E0%A4%A"), undefined, undefined],
  ];
  for (const [text, event, sure, other] of cases) {
    it(`finds ${String(other)} in ${text}`, () => {
      expect(afterAddress(text, event, bot, false)).to.equal(other);
      expect(afterAddress(text, event, bot, true)).to.equal(sure);
    });
  }

  it("takes no time over a long text", () => {
    const html = `${"<b>".repeat(50_000)}<a href="${"x".repeat(50_000)}`;
    expect(afterAddress("MSN bot: help", { formatted_body: html }, bot, false)).to.equal(undefined);
  });

  it("is understood by the bot, with its prefix too, and in a chat where it is sure", async () => {
    const bridge = await TestBridge.started();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    const room = await bridge.login();
    const say = (where: string, body: string, more: object): void =>
      void bridge.alice.send(where, "m.room.message", { msgtype: "m.text", body, ...more });
    for (const text of ["MSN bridge bot: ping", `${BOT} ping`, `${BOT}: !msn ping`])
      await bridge.ask(room, text, "answered in");
    const before = bridge.alice.messages(room).length;
    say(room, "MSN bot: ping", pill("MSN bot", ": ping"));
    await until("the answer", () =>
      bridge.alice
        .messages(room)
        .slice(before + 1)
        .some(({ body }) => body.includes("answered in")),
    );
    await nils.say(MIA.passport, "hello");
    const chat = await bridge.joinRoomOf(NILS);
    say(chat, "MSN bot: ping", pill("MSN bot", ": ping"));
    await bridge.reads(bridge.alice, chat, "answered in");
    bridge.alice.say(chat, "MSN bridge bot: is what I use");
    await until("it has crossed", () => nils.received.length > 0);
    expect(nils.received.map(({ text }) => text)).to.deep.equal(["MSN bridge bot: is what I use"]);
    await bridge.close();
  });
});
