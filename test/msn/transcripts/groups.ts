import { expect } from "chai";
import {
  ADA,
  ARRIVAL,
  BEN,
  CLEO,
  FINN,
  named,
  online,
  said,
  words,
  type Dialogues,
  type Report,
} from "../../support/dialogue.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const DELIVERED = { state: "delivered" } as const;

function joined(account: string, name: string): Report {
  return { type: "joined", group: "group 1", account, name };
}

/** Somebody has left; `quietly` when the server or the end of the board says so, and not she. */
function left(account: string, quietly = false): Report {
  return { type: "left", group: "group 1", account, quietly };
}

export const groups: Dialogues = {
  "group-out": {
    play: online(async (stage) => {
      const { client } = stage;
      const ben = client.conversation(BEN);
      expect(await ben.send({ type: "text", text: "Cleo wants to come along" })).to.deep.equal(DELIVERED);
      await ben.invite(CLEO);
      const { group: id = "" } = await stage.next("content");
      const group = client.group(id);
      expect([...(group?.people ?? [])]).to.have.members([BEN, CLEO]);
      expect(client.groupOf([CLEO, BEN])).to.equal(group);
      expect(ben.present.size).to.equal(0);
      expect(await rejection(group?.invite(ADA) ?? Promise.resolve())).to.include({ serverCode: 215 });
      expect(await ben.send({ type: "text", text: "Is that all right with you?" })).to.deep.equal(DELIVERED);
      expect(await group?.send({ type: "text", text: "Always" })).to.deep.equal(DELIVERED);
      await stage.next("left");
      expect([...(group?.present ?? [])]).to.deep.equal([BEN]);
      expect(await group?.send({ type: "text", text: "She has gone to fetch her coat" })).to.deep.equal(DELIVERED);
      await until("everybody has left", () => group?.present.size === 0);
      expect([...(group?.people ?? [])]).to.have.members([BEN, CLEO]);
    }),
    reports: [
      ...ARRIVAL,
      named(BEN, "Ben"),
      named(CLEO, "Cleo M"),
      joined(BEN, "Ben"),
      joined(CLEO, "Cleo M"),
      said(CLEO, "Cleo M", words("Room for one more?"), "group 1"),
      named(BEN, "Ben"),
      left(CLEO),
      left(BEN),
    ],
  },
  "group-in": {
    play: online(async (stage) => {
      const { client } = stage;
      const { group: id = "" } = await stage.next("content");
      const group = client.group(id);
      expect([...(group?.present ?? [])]).to.have.members([BEN, CLEO]);
      expect(client.conversation(BEN).present.size).to.equal(0);
      expect(await group?.send({ type: "text", text: "What did I miss?" })).to.deep.equal(DELIVERED);
      await stage.next("content");
      await stage.next("content");
      expect([...(group?.present ?? [])]).to.deep.equal([CLEO]);
      expect([...(group?.people ?? [])]).to.have.members([BEN, CLEO, FINN]);
      group?.leave();
    }),
    reports: [
      ...ARRIVAL,
      named(BEN, "Ben"),
      named(CLEO, "Cleo M"),
      joined(BEN, "Ben"),
      joined(CLEO, "Cleo M"),
      said(CLEO, "Cleo M", words("There she is"), "group 1"),
      named(FINN, "Finn O"),
      joined(FINN, "Finn O"),
      said(FINN, "Finn O", { type: "nudge" }, "group 1"),
      left(FINN),
      left(BEN, true),
      said(CLEO, "Cleo M", words("Only us two now"), "group 1"),
      left(CLEO, true),
    ],
  },
  "group-called": {
    play: online(async (stage) => {
      const group = stage.client.groupOf([BEN, CLEO]);
      expect(await group.send({ type: "text", text: "Rehearsal is off" })).to.deep.equal(DELIVERED);
      expect([...group.present]).to.deep.equal([BEN]);
      await stage.client.changeStatus("PHN");
      const { group: id = "" } = await stage.next("content");
      expect(id).to.equal(group.id);
      expect([...group.present]).to.have.members([BEN, CLEO]);
      expect(await group.send({ type: "text", text: "Next week then" })).to.deep.equal(DELIVERED);
      group.leave();
    }),
    reports: [
      ...ARRIVAL,
      named(BEN, "Ben"),
      joined(BEN, "Ben"),
      named(CLEO, "Cleo M"),
      named(BEN, "Ben"),
      joined(CLEO, "Cleo M"),
      joined(BEN, "Ben"),
      said(CLEO, "Cleo M", words("I have only just heard"), "group 1"),
      left(BEN, true),
      left(CLEO, true),
      left(BEN, true),
    ],
  },
};
