import { expect } from "chai";
import {
  ARRIVAL,
  BEN,
  CLEO,
  DOV,
  FINN,
  named,
  online,
  roster,
  type Dialogues,
  type Stage,
} from "../../support/dialogue.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const TEXT = { type: "text", text: "Are you there?" } as const;

/** What becomes of a text: how it ends, with the error's code and number. */
async function fate(stage: Stage, account: string): Promise<readonly unknown[]> {
  const delivery = await stage.client.conversation(account).send(TEXT);
  if (delivery.state === "delivered") return [delivery.state];
  return [delivery.state, delivery.error.code, delivery.error.serverCode];
}

/** Lets half a minute pass: what waits for an answer gives up, and the server shows that it lives. */
async function halfAMinute(stage: Stage): Promise<void> {
  const { client, clock } = stage;
  await clock.advance(30_000);
  await until("the answer to PNG", () => client.lastHeard === clock.now());
  // Its last byte, too.
  await clock.advance(0);
  await clock.advance(0);
}

export const errors: Dialogues = {
  "errors-calls": {
    play: online(async (stage) => {
      await stage.client.changeStatus("HDN");
      expect(await fate(stage, BEN)).to.deep.equal(["failed", "rejected", 913]);
      await stage.client.changeStatus("NLN");
      expect(await fate(stage, BEN)).to.deep.equal(["failed", "contact-offline", 217]);
      expect(await fate(stage, "cleo")).to.deep.equal(["failed", "rejected", 208]);
      expect(await fate(stage, CLEO)).to.deep.equal(["failed", "server-busy", 713]);
      expect(await fate(stage, CLEO)).to.deep.equal(["failed", "rejected", 216]);
      expect(await fate(stage, CLEO)).to.deep.equal(["failed", "server-busy", 281]);
      expect(stage.client.isConnected).to.equal(true);
    }),
    reports: ARRIVAL,
  },
  "errors-lists": {
    play: online(async ({ client }) => {
      const list = client.contacts;
      const refused = async (number: number, work: Promise<unknown>): Promise<void> => {
        expect(await rejection(work), String(number)).to.include({ code: "rejected", serverCode: number });
      };
      await refused(205, list.add("FL", "nowhere@example.net", "0"));
      await refused(201, list.add("AL", "eva"));
      await refused(224, list.add("FL", FINN, "9"));
      await refused(210, list.add("BL", FINN));
      await list.add("AL", BEN);
      await list.remove("AL", DOV);
      await list.remove("AL", FINN);
      await list.remove("FL", CLEO);
      expect(client.roster.contacts.get(CLEO)).to.deep.include({ lists: new Set(["AL"]), groups: new Set() });
      await list.setPrivacy("AL");
      await list.setAsksOnAdd(true);
      await refused(228, list.addGroup("Choir"));
      await refused(229, list.addGroup("Everybody who has ever sailed on the Möwe and come back dry"));
      await refused(224, list.removeGroup("77"));
      await refused(230, list.renameGroup("0", "Misc"));
      await list.move(BEN, "5", "2");
      expect(client.roster.contacts.get(BEN)).to.deep.include({ groups: new Set(["1", "2"]) });
      await refused(209, list.rename("Admin"));
      await refused(201, client.changeStatus("FLN"));
      expect(client.status).to.equal("NLN");
    }),
    reports: [
      ...ARRIVAL,
      roster({ type: "listed", list: "FL", account: FINN, name: FINN, group: undefined }),
      roster({ type: "unlisted", list: "FL", account: CLEO, group: undefined }),
      roster({ type: "listed", list: "FL", account: BEN, name: BEN, group: "2" }),
    ],
  },
  silence: {
    play: online(async (stage) => {
      const { client, servers } = stage;
      const phone = rejection(client.contacts.setPhone("MOB", "Y"));
      const page = rejection(client.mailUrl("INBOX"));
      await halfAMinute(stage);
      expect(await phone).to.include({ code: "timeout" });
      expect(await page).to.include({ code: "timeout" });
      const noBoard = fate(stage, BEN);
      await until("the request for a board", () => servers.heard.includes("XFR 9 SB"));
      await halfAMinute(stage);
      expect(await noBoard).to.deep.equal(["failed", "timeout", undefined]);
      const noJoin = fate(stage, BEN);
      await until("the call", () => servers.heard.includes("CAL 2"));
      await halfAMinute(stage);
      expect(await noJoin).to.deep.equal(["failed", "timeout", undefined]);
      const noAck = fate(stage, BEN);
      await until("the text", () => servers.heard.includes("Are you there?"));
      await halfAMinute(stage);
      expect(await noAck).to.deep.equal(["uncertain", "timeout", undefined]);
      await client.changeStatus("AWY");
      expect(client.isConnected).to.equal(true);
    }),
    reports: [...ARRIVAL, named(BEN, "Ben")],
  },
  challenge: {
    play: async (stage) => {
      await stage.client.connect();
      await stage.client.changeStatus("BSY");
      await stage.next("closed");
      expect(stage.client.isConnected).to.equal(false);
    },
    reports: [...ARRIVAL, { type: "closed", error: "connection-closed" }],
  },
  "board-empty": {
    play: online(async (stage) => {
      expect(await fate(stage, BEN)).to.deep.equal(["failed", "contact-offline", undefined]);
      expect(await fate(stage, BEN)).to.deep.equal(["failed", "contact-offline", 217]);
    }),
    reports: [...ARRIVAL, named(BEN, "Ben")],
  },
  "board-closes": {
    play: online(async (stage) => {
      await until("the stale call", () => stage.servers.heard.includes("ANS 1"));
      const send = async (text: string): Promise<unknown> =>
        (await stage.client.conversation(BEN).send({ type: "text", text })).state;
      const sent = await Promise.all(["one", "two", "three"].map(send));
      expect(sent).to.deep.equal(["uncertain", "delivered", "delivered"]);
      expect(await fate(stage, DOV)).to.deep.equal(["failed", "connection-closed", undefined]);
      expect(stage.client.conversation(CLEO).present.size).to.equal(0);
    }),
    reports: [...ARRIVAL, named(BEN, "Ben"), named(BEN, "Ben")],
  },
};
