import { expect } from "chai";
import { plainAddress, unquoted } from "../../src/commands/arguments.ts";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const EVA = { passport: "eva@example.com", password: "eva's" };
const OLGA = "olga@example.com";

describe("commands/arguments", () => {
  for (const [said, name] of [
    ['"Friends & Co"', "Friends & Co"],
    ["“Friends & Co”", "Friends & Co"],
    ["„Friends & Co“", "Friends & Co"],
    ["«Friends & Co»", "Friends & Co"],
    ["'Friends & Co'", "Friends & Co"],
    ["‘Friends & Co’", "Friends & Co"],
    ['  " Friends & Co "  ', "Friends & Co"],
    ['"Friends & Co', "Friends & Co"],
    ["Friends & Co”", "Friends & Co"],
    ["Friends & Co", "Friends & Co"],
    ['The "Friends" & Co', 'The "Friends" & Co'],
    ['"Friends" & "Co"', '"Friends" & "Co"'],
    ["'90s", "'90s"],
    ["Nils'", "Nils'"],
    ['12"', '12"'],
    ['"', ""],
    ['""', ""],
    ["", ""],
  ] as const) {
    it(`takes ${said} for ${name}`, () => expect(unquoted(said)).to.equal(name));
  }

  for (const said of ['"nils@example.com"', "“nils@example.com”", "<mailto:nils@example.com>", "'nils@example.com'"]) {
    it(`finds the address in ${said}`, () => expect(plainAddress(said)).to.equal("nils@example.com"));
  }
});

describe("which login a command is about", () => {
  let bridge: TestBridge;
  let room: string;
  beforeEach(async () => {
    bridge = await TestBridge.started({ keys: { bridge: { personal_filtering_spaces: true } } });
    bridge.sandbox.addAccount(EVA);
    bridge.sandbox.contact(NILS, "Nils");
    bridge.sandbox.befriend(MIA.passport, NILS, true);
    room = await bridge.login();
    await bridge.ask(room, `login sandbox ${EVA.passport} ${EVA.password}`, "You are signed in");
  });
  afterEach(() => bridge.close());

  const spaces = (): unknown[] =>
    bridge.fake
      .rooms()
      .flatMap((one) => (one.state("m.room.create")?.["type"] === "m.space" ? one.state("m.room.name")?.["name"] : []));

  it("is asked while there are two that work, and not where one is logged out", async () => {
    await bridge.ask(room, `start-chat ${NILS}`, "You have several logins");
    await bridge.ask(room, `logout ${EVA.passport}`, "You are signed out");
    for (const [command, answer] of [
      [`start-chat ${NILS}`, "I invited you to your chat"],
      ["privacy", `The privacy of ${MIA.passport} is open`],
      ["group list", "You have no groups"],
      ["group add Work", "You have a group Work now"],
      [`group move ${NILS} Work`, "is in the group Work now"],
      [`block ${NILS}`, "is blocked"],
      [`unblock ${NILS}`, "may see you"],
      ["set-status busy", `${MIA.passport} on Sandbox`],
      ["set-name Mia", `see ${MIA.passport} as`],
      ["sync", "1 contact compared"],
      ["reconnect", `as ${MIA.passport}`],
    ] as const)
      await bridge.ask(room, command, answer);
    await bridge.ask(room, "password", "You have several logins, so add which one you mean");
    await bridge.ask(room, `password ${EVA.passport}`, `What is the password of ${EVA.passport}?`);
    await bridge.ask(room, EVA.password, "You are signed in");
    await bridge.ask(room, `block ${NILS}`, "You have several logins");
  });

  it("is the one with the chat where that is what matters", async () => {
    await bridge.ask(room, `start-chat ${NILS} ${EVA.passport}`, "I invited you to your chat");
    await bridge.ask(room, `logout ${EVA.passport}`, "You are signed out");
    await bridge.ask(room, `nickname ${NILS} "Little brother"`, "is called Little brother.");
    await bridge.ask(room, `unbridge ${NILS}`, "is not bridged any more");
    await bridge.ask(room, `unbridge ${OLGA}`, "You have no chat with");
  });

  it("gets no space while it is logged out", async () => {
    const ofEva = (): number => spaces().filter((name) => name === `Sandbox: ${EVA.passport}`).length;
    await bridge.ask(room, `start-chat ${NILS} ${EVA.passport}`, "I invited you to your chat");
    await until("its space", () => ofEva() === 1);
    await bridge.ask(room, `logout ${EVA.passport}`, "You are signed out");
    await bridge.stopBridge();
    bridge.withStore(({ logins, spaces: rows }) => {
      const eva = logins.list().find(({ passport }) => passport === EVA.passport);
      for (const row of eva === undefined ? [] : rows.listByLogin(eva.id)) rows.delete(row);
    });
    await bridge.start();
    await bridge.asksUntil(room, "ping", "signed in since");
    await bridge.ask(room, `start-chat ${NILS}`, "I invited you to your chat");
    await until("the space of the other", () => spaces().includes(`Sandbox: ${MIA.passport}`));
    // The pass that made it came after the other login's.
    expect(ofEva()).to.equal(1);
    await bridge.ask(room, `login sandbox ${EVA.passport} ${EVA.password}`, "You are signed in");
    await until("its next space", () => ofEva() === 2);
  });
});

describe("names in quotes", () => {
  it("are the names within, in every command, and a name with quotes is still found", async () => {
    const bridge = await TestBridge.started();
    bridge.sandbox.contact(NILS, "Nils");
    bridge.sandbox.befriend(MIA.passport, NILS, true);
    const room = await bridge.login();
    for (const [command, answer] of [
      ['group add "Friends & Co"', "You have a group Friends & Co now"],
      ["group add “Old to new”", "You have a group Old to new now"],
      [`group move ${NILS} "Friends & Co"`, "is in the group Friends & Co now"],
      [`group move "${NILS}" “Old to new” ${MIA.passport}`, "is in the group Old to new now"],
      [`group move ${NILS} 'friends & co' "${MIA.passport}"`, "is in the group Friends & Co now"],
      [`group move ${NILS} "Old to new`, "is in the group Old to new now"],
      [`group move ${NILS} Friends & Co”`, "is in the group Friends & Co now"],
      ['group rename "Old to new" to „Even newer“', "The group Old to new is called Even newer now"],
      ['group rename "Friends & Co" to The "Gang" of today', 'is called The "Gang" of today now'],
      [`group move ${NILS} The "Gang" of today`, 'is in the group The "Gang" of today already'],
      ['group remove "Even newer"', "The group Even newer is removed"],
      [`nickname ${NILS} “Little brother”`, "is called Little brother."],
      ['set-name "Mia P"', 'as "Mia P" now'],
      ['privacy "closed"', "is closed"],
      ['contacts "nils"', "1 of 1 contact"],
      ["status", "1 of 1 contact is online"],
      ["contacts", "1 contact"],
      ["group list", "1 contact"],
      ["sync", "1 contact compared"],
      [`logout "${MIA.passport}" keep`, "You are signed out"],
    ] as const)
      await bridge.ask(room, command, answer);
    await bridge.close();
  });
});

describe("what is counted", () => {
  it("is not the command that counts", async () => {
    const bridge = await TestBridge.started();
    const ada = bridge.fake.user("ada");
    const room = await bridge.manage(ada);
    for (const command of ["admin stats", "!msn admin stats", "ADMIN STATS"]) {
      const { body } = await bridge.ask(room, command, "Running since", ada);
      expect(body).to.include("Messages on their way: 0 to MSN, 0 to Matrix\n");
    }
    await bridge.close();
  });
});
