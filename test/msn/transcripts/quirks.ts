import { expect } from "chai";
import {
  ADA,
  ARRIVAL,
  BEN,
  CLEO,
  DOV,
  EVA,
  FINN,
  named,
  online,
  presence,
  roster,
  said,
  words,
  type Dialogues,
  type Stage,
} from "../../support/dialogue.ts";
import { until } from "../../support/until.ts";

const KIM = "kim@example.com";

/** Everybody's name, as the roster has it. */
function namesIn({ client }: Stage): Record<string, string> {
  return Object.fromEntries([...client.roster.contacts].map(([account, { name }]) => [account, name]));
}

export const quirks: Dialogues = {
  names: {
    play: async (stage) => {
      const { client } = stage;
      await client.connect();
      await stage.all();
      expect(namesIn(stage)).to.deep.equal({
        [BEN]: "Ben\r\nB.",
        [CLEO]: "Cleo\u{A0}M\u{3000}❀\tx",
        [DOV]: "100% Dov%zz%2",
        [EVA]: "Eva++1",
        [FINN]: `${"é".repeat(64)}x`,
        "gil@example.com": "",
        "hal@example.com": "Hÿl",
        "ida@example.com": "Ida",
        [KIM]: "Kim",
      });
      expect(client.roster.contacts.get(KIM)).to.include({ account: "Kim@Example.com", status: "NLN" });
      expect(client.roster.contacts.get("ida@example.com")).to.deep.include({ groups: new Set() });
      await client.disconnect();
    },
    reports: [
      presence(BEN, "NLN", "Ben\r\nB."),
      presence(KIM, "NLN", "Kim"),
      named(KIM, "Kim❀"),
      said(KIM, "Kim❀", words("ahoy")),
    ],
  },
  "not-utf8": {
    play: online(async (stage) => {
      await stage.client.changeStatus("NLN");
      await stage.all();
    }),
    reports: [
      ...ARRIVAL,
      roster({ type: "group", id: "4", name: "Thé Club" }),
      roster({ type: "group", id: "5", name: "Théé" }),
      presence(BEN, "NLN", "René €"),
      presence(CLEO, "NLN", "Grüße"),
      presence(DOV, "NLN", "Döv \u{FFFD}"),
      { type: "notice", notice: { type: "alert", text: "Café & mer: 5 €" } },
      named(BEN, "René"),
      ...["café", "café", "Grüße \u{FFFD}", "Привет", "für"].map((text) => said(BEN, "René", { type: "text", text })),
      said(BEN, "René", { type: "text", text: "für", alias: "René" }),
      said(BEN, "René", { type: "action", text: "café" }),
      said(BEN, "René", { type: "text", text: "café crème" }),
      said(BEN, "René", {
        type: "invitation",
        invitation: { type: "file-invite", cookie: "7", file: "café.txt", size: 12 },
      }),
    ],
  },
  "own-account": {
    play: async (stage) => {
      const { client } = stage;
      await client.connect();
      await stage.next("content");
      await client.changeStatus("BSY");
      await stage.all();
      expect([...client.roster.contacts.keys()]).to.deep.equal([BEN]);
      expect(client.roster.contacts.get(BEN)?.phones).to.deep.equal(new Map());
      expect(client.contacts.requests).to.deep.equal([]);
      expect([...client.conversation(BEN).present]).to.deep.equal([BEN]);
      expect([...client.conversation(ADA).present]).to.deep.equal([]);
      await client.disconnect();
    },
    reports: [
      presence(BEN, "AWY", "Ben"),
      named(BEN, "Ben"),
      said(BEN, "Ben", { type: "text", text: "only us" }),
      named(BEN, "Ben"),
      said(BEN, "Ben", { type: "text", text: "over there" }),
    ],
  },
  "no-contacts": {
    play: async ({ client }) => {
      await client.connect();
      expect(client.roster.contacts.size).to.equal(0);
      expect(client.roster.groups).to.deep.equal(new Map());
      await client.disconnect();
      await client.connect();
      expect(client.roster).to.deep.include({ contacts: new Map(), groups: new Map(), version: 612 });
      await client.disconnect();
    },
    reports: [],
  },
  "late-numbers": {
    play: async ({ client, clock }) => {
      const phones = (): unknown => client.roster.contacts.get(BEN)?.phones;
      await client.connect();
      expect(phones()).to.deep.equal(
        new Map([
          ["PHW", "040 555 13"],
          ["MOB", "N"],
          ["PHM", "0170 555 02"],
        ]),
      );
      await client.disconnect();
      const connecting = client.connect();
      await until("the last line", () => client.roster.contacts.get(BEN)?.phones.get("PHH") === "040 555 14");
      await clock.advance(5000);
      await connecting;
      expect(phones()).to.deep.equal(new Map([["PHH", "040 555 14"]]));
      await client.disconnect();
    },
    reports: [],
  },
  framing: {
    play: online(async ({ client }) => {
      expect(client.roster.contacts.get(BEN)).to.deep.include({
        name: "Ben",
        status: "NLN",
        lists: new Set(["FL", "AL", "RL"]),
        groups: new Set(),
      });
      expect(client.roster.groups).to.deep.equal(new Map());
      const delivery = await client.conversation(BEN).send({ type: "text", text: "Ahoy" });
      expect(delivery).to.deep.equal({ state: "delivered" });
    }),
    reports: [presence(BEN, "NLN", "Ben"), named(BEN, "Ben")],
  },
  unasked: {
    play: online(async (stage) => {
      const { client } = stage;
      await client.changeStatus("NLN");
      await stage.all();
      await until("the status that somebody else has set", () => client.status === "IDL");
      expect(client.roster).to.include({ privacy: "BL", asksOnAdd: false });
      expect(client.roster.phones.get("PHH")).to.equal("030 555 78");
      expect(client.roster.groups.get("4")).to.equal("Dinghies");
      expect(client.roster.contacts.get(EVA)).to.deep.include({ lists: new Set(["FL", "AL"]), groups: new Set(["1"]) });
      expect(client.roster.contacts.get(CLEO)).to.deep.include({ lists: new Set(["AL"]), groups: new Set() });
      expect(client.roster.contacts.has("nowhere@example.net")).to.equal(false);
      expect(client.account).to.equal(ADA);
    }),
    reports: [
      ...ARRIVAL,
      roster({ type: "listed", list: "FL", account: EVA, name: "Eva", group: "1" }),
      roster({ type: "listed", list: "AL", account: EVA, name: "Eva", group: undefined }),
      roster({ type: "unlisted", list: "FL", account: CLEO, group: undefined }),
      roster({ type: "unlisted", list: "FL", account: "nowhere@example.net", group: undefined }),
      roster({ type: "privacy", privacy: "BL" }),
      roster({ type: "asks-on-add", asksOnAdd: false }),
      roster({ type: "own-phone", phone: "PHH", value: "030 555 78" }),
      roster({ type: "group", id: "4", name: "Dinghies" }),
      { type: "notice", notice: { type: "alert", text: 'Gale & rain: reef "now"' } },
      { type: "notice", notice: { type: "mail-moved", from: "ACTIVE", to: ".!!trAsH", count: 2 } },
      { type: "notice", notice: { type: "unknown", contentType: "text/x-something-new" } },
    ],
  },
};
