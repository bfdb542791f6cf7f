import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { ghostOf, MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const HTML = "org.matrix.custom.html";

const OLGA = "olga@example.com";

for (const [msn, words] of NETWORKS) {
  describe(`what messages look like, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let nils: ScriptedContact;
    let room: string;

    async function begin(keys?: Record<string, object>, name?: string): Promise<void> {
      bridge = await TestBridge.started({ msn, ...(keys && { keys }) });
      if (name !== undefined) bridge.alice.setDisplayName(name);
      nils = bridge.sandbox.contact(NILS, "Nils");
      bridge.sandbox.contact(OLGA, "Olga <3");
      bridge.sandbox.befriend(MIA.passport, OLGA, true);
      await bridge.login();
      await nils.say(MIA.passport, "hello");
      room = await bridge.joinRoomOf(NILS);
      await bridge.reads(bridge.alice, room, "hello");
    }
    afterEach(() => bridge.close());

    /** What Nils receives when Alice sends these contents. */
    async function received(...contents: Array<Record<string, unknown>>): Promise<ScriptedContact["received"]> {
      for (const content of contents) bridge.alice.send(room, "m.room.message", content);
      bridge.alice.say(room, "the end");
      await until("the end", () => nils.received.some(({ text }) => text === "the end"));
      return nils.received.slice(0, -1);
    }

    it("is kept from MSN: look, colour, emotes, emoticons; no markup of the sender gets through", async () => {
      await begin();
      const payload = (format: string, text: string): Buffer =>
        Buffer.from(
          `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: ${format}\r\n\r\n${text}`,
        );
      await nils.sendRaw(MIA.passport, payload("FN=Arial; EF=BI; CO=ff; CS=0; PF=22", "loud <b>&"));
      const { content } = await bridge.reads(bridge.alice, room, "loud <b>&");
      expect(content["formatted_body"])
        .to.include("<b>")
        .and.include("<i>")
        .and.include("#ff0000")
        .and.include("loud &lt;b&gt;&amp;");
      await nils.sendRaw(MIA.passport, payload("FN=Arial; EF=; CO=0; CS=0; PF=22", "/me waves (Y)"));
      const wave = await bridge.reads(bridge.alice, room, "waves 👍");
      expect(wave.content).to.include({ msgtype: "m.emote", body: "waves 👍" });
    });

    it("is kept to MSN where it covers the whole message, and told in signs where not", async () => {
      await begin();
      const texts = await received(
        { msgtype: "m.text", body: "all", format: HTML, formatted_body: '<b><font color="#0000ff">all</font></b>' },
        {
          msgtype: "m.text",
          body: "x",
          format: HTML,
          formatted_body: "so <b>much</b> <a href='javascript:x'>more</a>",
        },
        { msgtype: "m.emote", body: "waves" },
      );
      expect(texts.map(({ text }) => text)).to.deep.equal(["all", "so *much* more", "/me waves"]);
      expect(texts[0]?.format).to.include("EF=B").and.include("CO=ff0000");
      expect(texts[1]?.format).to.include("EF=;");
    });

    it("names people as the contact knows them, and keeps the addresses of rooms", async () => {
      await begin(undefined, "Alice");
      const link = (id: string, label: string): string => `<a href="https://matrix.to/#/${id}">${label}</a>`;
      const html = [
        link(ghostOf(NILS), "N (MSN)"),
        link(encodeURIComponent(ghostOf(OLGA)), ghostOf(OLGA)),
        link(ghostOf("rosa@example.com"), "R (MSN)"),
        link("@alice:localhost", "@alice:localhost"),
        link("@eve:elsewhere", "Eve"),
        link("#room:localhost", "this"),
      ].join(", ");
      const [said] = await received({
        msgtype: "m.text",
        body: "N",
        format: "org.matrix.custom.html",
        formatted_body: html,
      });
      expect(said?.text).to.equal(
        "Nils, Olga <3, rosa@example.com, Alice, Eve, this (https://matrix.to/#/#room:localhost)",
      );
    });

    it("is said in words where MSN has no form for it: places, polls, stickers without a picture", async () => {
      await begin();
      bridge.alice.send(room, "m.sticker", { body: "a cat", info: {} });
      bridge.alice.send(room, "org.matrix.msc3381.poll.start", {
        "org.matrix.msc3381.poll.start": {
          question: { "org.matrix.msc1767.text": "Pizza?" },
          answers: [
            { id: "1", "org.matrix.msc1767.text": "Yes" },
            { id: "2", "org.matrix.msc1767.text": "No" },
          ],
        },
      });
      const texts = await received({ msgtype: "m.location", body: "Here", geo_uri: "geo:52.5,13.4;u=10" });
      const [sticker = "", poll = "", place = ""] = texts.map(({ text }) => text);
      expect(sticker).to.include("a cat");
      expect(poll).to.match(/Pizza\?[\s\S]*1[\s\S]*Yes[\s\S]*2[\s\S]*No/u);
      expect(place).to.include("openstreetmap.org").and.include("52.5");
    });

    it("leaves out what bots say and how people react, unless the operator wants it", async () => {
      await begin();
      const react = (): void => {
        const eventId = bridge.alice.messages(room)[0]?.eventId;
        bridge.alice.send(room, "m.reaction", {
          "m.relates_to": { rel_type: "m.annotation", event_id: eventId, key: "👍" },
        });
      };
      react();
      expect(await received({ msgtype: "m.notice", body: "beep" })).to.deep.equal([]);
      await bridge.close();
      await begin({
        bridge: { bridge_notices: true },
        messages: { reactions: "text", emoticons: false, replies: "off" },
      });
      react();
      const texts = await received({ msgtype: "m.notice", body: "beep 🙂" });
      expect(texts.map(({ text }) => text)).to.deep.equal(['/me reacted 👍 to "hello"', "beep 🙂"]);
    });
  });
}
