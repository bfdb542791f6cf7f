import { expect } from "chai";
import type { ListName, RosterChange } from "../../../src/msn/index.ts";
import {
  ARRIVAL,
  BEN,
  CLEO,
  DOV,
  EVA,
  FINN,
  online,
  presence,
  roster,
  type Dialogues,
} from "../../support/dialogue.ts";
import { until } from "../../support/until.ts";

const NOWHERE = "nowhere@example.net";

function listed(list: ListName, account: string, name = account, group?: string): RosterChange {
  return { type: "listed", list, account, name, group };
}

function unlisted(list: ListName, account: string, group?: string): RosterChange {
  return { type: "unlisted", list, account, group };
}

export const contacts: Dialogues = {
  presence: {
    play: online(async ({ client, events }) => {
      await client.changeStatus("BSY");
      await until("dov's presence", () => events.some((event) => event.type === "presence" && event.account === DOV));
      // First what we asked for, then what another client of ours did.
      await until("somebody else's change", () => client.status === "IDL");
      const known = client.roster.contacts;
      expect(known.get(BEN)).to.include({ status: "FLN", name: "Ben (at sea)", capabilities: 2_147_483_684 });
      expect(known.get(BEN)?.phones.get("PHM")).to.equal("0170 555 01");
      expect(known.get(CLEO)).to.include({ status: "FLN", name: "Cleo am Meer", capabilities: 4_294_967_295 });
      expect(known.get(EVA)).to.deep.include({ status: "LUN", capabilities: 2_789_003_324, lists: new Set() });
      expect(known.get(DOV)).to.include({ status: "PHN", name: "Dov", capabilities: 0 });
      await client.changeStatus("BRB");
      expect(client.status).to.equal("BRB");
    }),
    reports: [
      ...ARRIVAL,
      presence(BEN, "BSY", "Ben"),
      presence(BEN, "NLN", "Ben (at sea)"),
      presence(CLEO, "NLN", "Cleo am Meer"),
      presence(EVA, "LUN", "Eva"),
      presence(BEN, "FLN", "Ben (at sea)"),
      presence(NOWHERE, "FLN", NOWHERE),
      roster({ type: "phone", account: BEN, phone: "PHM", value: "0170 555 01" }),
      presence(CLEO, "FLN", "Cleo am Meer"),
      presence(CLEO, "FLN", "Cleo am Meer"),
      presence(DOV, "PHN", "Dov"),
    ],
  },
  "list-words": {
    play: online(async (stage) => {
      await stage.client.changeStatus("NLN");
      await stage.all();
      const { roster: known } = stage.client;
      expect(known.phones).to.deep.equal(
        new Map([
          ["PHH", "030 555 01"],
          ["PHM", "0171 555 02"],
        ]),
      );
      expect(known.contacts.get(BEN)?.phones).to.deep.equal(
        new Map([
          ["PHM", "0170 555 03"],
          ["MOB", "Y"],
        ]),
      );
      expect(known.contacts.get(EVA)).to.deep.include({ name: "Eva", lists: new Set(["FL"]), groups: new Set() });
      expect(known.contacts.get(FINN)).to.deep.include({ name: "2003", lists: new Set(["FL"]) });
    }),
    reports: [
      ...ARRIVAL,
      roster({ type: "own-phone", phone: "PHH", value: "030 555 01" }),
      roster({ type: "own-phone", phone: "PHM", value: "0171 555 02" }),
      roster({ type: "own-phone", phone: "PHW", value: "" }),
      roster({ type: "phone", account: BEN, phone: "PHM", value: "0170 555 03" }),
      roster({ type: "phone", account: BEN, phone: "MOB", value: "Y" }),
      roster({ type: "phone", account: BEN, phone: "PHH", value: "" }),
      roster(listed("RL", EVA, "Eva")),
      { type: "request", account: EVA, name: "Eva" },
      roster(listed("AL", EVA, "Eva")),
      roster(listed("FL", EVA, "Eva", "2")),
      roster(listed("FL", FINN, "2003", "1")),
      roster(unlisted("FL", EVA, "2")),
      roster(unlisted("AL", EVA)),
      roster(unlisted("RL", EVA)),
    ],
  },
  "list-changes": {
    play: online(async (stage) => {
      const { client } = stage;
      const known = (account: string): unknown => client.roster.contacts.get(account);
      const list = client.contacts;
      await list.befriend(EVA, "2");
      expect(await stage.next("request")).to.deep.equal({ type: "request", account: FINN, name: "Finn O" });
      expect(known(EVA)).to.deep.include({ name: "Eva", status: "NLN", groups: new Set(["2"]) });
      expect(known(EVA)).to.deep.include({
        phones: new Map([
          ["PHW", "089 555 30"],
          ["MOB", "N"],
        ]),
      });
      expect(list.requests).to.deep.equal([FINN]);
      await list.befriend(FINN);
      expect(list.requests).to.deep.equal([]);
      expect(known(FINN)).to.deep.include({ name: "Finn O", lists: new Set(["RL", "AL", "FL"]) });
      const group = await list.addGroup("Night watch");
      expect(group).to.equal("3");
      await list.renameGroup(group, "Day watch");
      expect(client.roster.groups.get("3")).to.equal("Day watch");
      await list.move(EVA, "2", group);
      expect(known(EVA)).to.deep.include({ groups: new Set(["3"]) });
      await list.removeGroup(group);
      expect(known(EVA)).to.deep.include({ groups: new Set() });
      await list.rename("Ada ⛵");
      await list.setPrivacy("BL");
      await list.setAsksOnAdd(false);
      await list.setPhone("PHM", "0171 555 99");
      await list.setPhone("PHW", "");
      expect(client.roster).to.include({ privacy: "BL", asksOnAdd: false });
      expect(client.roster.phones).to.deep.equal(new Map([["PHM", "0171 555 99"]]));
      await list.remove("FL", EVA);
      expect(known(EVA)).to.deep.include({ lists: new Set(["AL"]), status: "NLN" });
      await list.block(BEN);
      expect(known(BEN)).to.deep.include({ lists: new Set(["FL", "RL", "BL"]), groups: new Set(["1"]) });
      await stage.all();
      expect(known(FINN)).to.deep.include({ lists: new Set(["AL", "FL"]) });
    }),
    reports: [
      ...ARRIVAL,
      roster(listed("AL", EVA)),
      roster(listed("FL", EVA)),
      roster({ type: "phone", account: EVA, phone: "PHH", value: "" }),
      roster({ type: "phone", account: EVA, phone: "PHW", value: "089 555 30" }),
      roster({ type: "phone", account: EVA, phone: "PHM", value: "" }),
      roster({ type: "phone", account: EVA, phone: "MOB", value: "N" }),
      roster({ type: "phone", account: EVA, phone: "PHW", value: "089 555 30" }),
      presence(EVA, "NLN", "Eva"),
      roster(listed("FL", EVA, EVA, "2")),
      roster(listed("RL", FINN, "Finn O")),
      { type: "request", account: FINN, name: "Finn O" },
      roster(listed("AL", FINN)),
      roster(listed("FL", FINN)),
      roster({ type: "group", id: "3", name: "Night watch" }),
      roster({ type: "group", id: "3", name: "Day watch" }),
      roster(listed("FL", EVA, EVA, "3")),
      roster(unlisted("FL", EVA, "2")),
      roster({ type: "group-removed", id: "3" }),
      roster({ type: "privacy", privacy: "BL" }),
      roster({ type: "asks-on-add", asksOnAdd: false }),
      roster({ type: "own-phone", phone: "PHM", value: "0171 555 99" }),
      roster({ type: "own-phone", phone: "PHW", value: "" }),
      roster(unlisted("FL", EVA)),
      roster(unlisted("AL", BEN)),
      roster(listed("BL", BEN)),
      roster(unlisted("RL", FINN)),
    ],
  },
};
