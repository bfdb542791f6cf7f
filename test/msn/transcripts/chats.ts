import { expect } from "chai";
import { ARRIVAL, BEN, CLEO, named, online, presence, said, words, type Dialogues } from "../../support/dialogue.ts";
import { until } from "../../support/until.ts";

const DELIVERED = { state: "delivered" } as const;

export const chats: Dialogues = {
  "chat-out": {
    play: online(async ({ client }) => {
      const ben = client.conversation(BEN);
      await ben.invite(BEN);
      expect([...ben.present]).to.deep.equal([BEN]);
      ben.sendTyping();
      const text = "Is the Möwe afloat again?\n\nI have paint.";
      expect(await ben.send({ type: "text", text })).to.deep.equal(DELIVERED);
      expect(await ben.send({ type: "nudge" })).to.deep.equal(DELIVERED);
      await until("ben has gone", () => ben.present.size === 0);
    }),
    reports: [
      ...ARRIVAL,
      presence(BEN, "NLN", "Ben"),
      named(BEN, "Ben (at sea)"),
      said(BEN, "Ben (at sea)", { type: "typing" }),
      said(BEN, "Ben (at sea)", words("Since noon ⛵\nCome and see")),
      said(BEN, "Ben (at sea)", { type: "nudge" }),
    ],
  },
  "chat-in": {
    play: online(async (stage) => {
      const cleo = stage.client.conversation(CLEO);
      await stage.next("content");
      expect([...cleo.present]).to.deep.equal([CLEO]);
      expect(await cleo.send({ type: "text", text: "Thanks" })).to.deep.equal(DELIVERED);
      await until("cleo has gone", () => cleo.present.size === 0);
      expect(await cleo.send({ type: "text", text: "Who brings the tea?" })).to.deep.equal(DELIVERED);
      expect([...cleo.people]).to.deep.equal([CLEO]);
    }),
    reports: [
      ...ARRIVAL,
      named(CLEO, "Cleo"),
      said(CLEO, "Cleo", words("Choir is at eight, not seven")),
      named(CLEO, "Cleo"),
    ],
  },
  "chat-crossed": {
    play: online(async (stage) => {
      const ben = stage.client.conversation(BEN);
      const isCalled = stage.next("name").then(() => stage.next("name"));
      expect(await ben.send({ type: "text", text: "Now?" })).to.deep.equal(DELIVERED);
      await isCalled;
      await until("our own board has closed", () => stage.servers.streams[2]?.writableFinished);
      expect([...ben.present]).to.deep.equal([BEN]);
      expect(await ben.send({ type: "text", text: "Then here" })).to.deep.equal(DELIVERED);
    }),
    reports: [...ARRIVAL, named(BEN, "Ben"), named(BEN, "Ben"), said(BEN, "Ben", words("Yes"))],
  },
  "chat-official": {
    play: online(async ({ client }) => {
      const ben = client.conversation(BEN);
      let writes = 0;
      const fate = await ben.send({ type: "text", text: "Low tide at four" }, { onWrite: () => void (writes += 1) });
      expect(fate).to.deep.equal(DELIVERED);
      expect(writes).to.equal(2);
      await until("ben was put out", () => ben.present.size === 0);
    }),
    reports: [...ARRIVAL, named(BEN, "Ben"), named(BEN, "Ben")],
  },
};
