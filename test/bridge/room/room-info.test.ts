import { expect } from "chai";
import {
  afterTelling,
  naming,
  roomInfo,
  untold,
  type ChatFacts,
  type RoomInfo,
} from "../../../src/bridge/room/room-info.ts";

const FACTS: ChatFacts = {
  bot: "@msnbot:localhost",
  server: { id: "one", name: "Network One" },
  passport: "mia@example.com",
  kind: "direct",
  remote: "nils@example.com",
  title: null,
  names: ["Nils"],
  members: [],
};
const GROUP: Partial<ChatFacts> = { kind: "group", remote: "some id", names: ["Nils", "Olga", "Pete", "Rosa", "Sven"] };

function info(facts: Partial<ChatFacts> = {}): RoomInfo {
  return roomInfo({ ...FACTS, ...facts });
}

const types = (events: ReturnType<typeof untold>): string[] => events.map(({ type }) => type);

describe("bridge/room/room-info", () => {
  const NAMES: Array<[what: string, facts: Partial<ChatFacts>, name: string | undefined, called: string]> = [
    ["a chat of two has no name of its own: clients show the contact's", {}, undefined, "Nils"],
    ["a chat of two goes by what its owner calls it", { title: "Little brother" }, "Little brother", "Little brother"],
    ["a group goes by its first members", GROUP, "Nils, Olga, Pete and 2 others", "Nils, Olga, Pete and 2 others"],
    ["a group goes by what its owner calls it", { ...GROUP, title: "Chess" }, "Chess", "Chess"],
  ];
  for (const [what, facts, name, called] of NAMES) {
    it(what, () => {
      expect(info(facts)).to.include({ name, called });
      expect(info(facts).bridge).to.include({ name: called });
    });
  }

  it("tells a new room where it leads, and its name only if it has one", () => {
    expect(types(untold(info(), {}))).to.deep.equal(["m.bridge", "uk.half-shot.bridge"]);
    expect(types(untold(info(GROUP), {}))).to.deep.equal(["m.room.name", "m.bridge", "uk.half-shot.bridge"]);
    const [bridge] = untold(info(), {});
    expect(bridge).to.deep.equal({
      type: "m.bridge",
      state_key: "msn://one/mia@example.com/nils@example.com",
      content: {
        bridgebot: "@msnbot:localhost",
        protocol: { id: "msn", displayname: "MSN Messenger" },
        network: { id: "one", displayname: "Network One" },
        channel: { id: "nils@example.com", displayname: "Nils" },
        "com.beeper.room_type": "dm",
      },
    });
  });

  it("tells nothing twice, and of a change only what it changes", () => {
    const told = afterTelling({}, untold(info(GROUP), {}));
    expect(untold(info(GROUP), told)).to.deep.equal([]);
    expect(untold(info({ ...GROUP, members: ["@x:localhost"] }), told)).to.deep.equal([]);
    const renamed = untold(info({ ...GROUP, title: "Chess" }), told);
    expect(renamed[0]).to.deep.equal({ type: "m.room.name", state_key: "", content: { name: "Chess" } });
    expect(untold(info({ ...GROUP, title: "Chess" }), afterTelling(told, renamed))).to.deep.equal([]);
  });

  it("takes a name away that is none any more", () => {
    const told = afterTelling({}, untold(info({ title: "Little brother" }), {}));
    expect(untold(info(), told)[0]).to.deep.equal({ type: "m.room.name", state_key: "", content: { name: "" } });
  });

  it("knows what a user has named the room", () => {
    const told = afterTelling({}, [...untold(info(GROUP), {}), naming("Chess")]);
    expect(types(untold(info(GROUP), told))).to.deep.equal(["m.room.name"]);
    expect(types(untold(info({ ...GROUP, title: "Chess" }), told))).to.not.include("m.room.name");
    expect(types(untold(info(), afterTelling(told, [naming(undefined)])))).to.not.include("m.room.name");
  });
});
