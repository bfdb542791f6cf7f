import { expect } from "chai";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import { startBridge, type RunningBridge } from "../../src/start.ts";
import { captureLog } from "../support/captured-log.ts";
import { BOT, ghostOf, MIA, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import type { Person } from "./support/person.ts";
import { bridgeSeat, newPerson, sharedSynapse } from "./support/shared-synapse.ts";

const COUNT = 200;
const numbered = (word: string): string[] => Array.from({ length: COUNT }, (_, index) => `${word} ${index}`);

describe("the two roads over a real Synapse", () => {
  let sandbox: Sandbox;
  let bridge: RunningBridge;
  let alice: Person;
  const { log, lines } = captureLog();

  beforeEach(async () => {
    lines.length = 0;
    sandbox = await Sandbox.start({ accounts: [MIA] });
    const seat = bridgeSeat();
    bridge = await startBridge({ config: seat.config(sandbox), registration: seat.registration, log });
    await bridge.ready;
    alice = await newPerson("alice");
  });
  afterEach(async () => {
    alice.stop();
    await bridge.stop();
    await sandbox.stop();
  });

  async function login(preset?: "private_chat"): Promise<string> {
    const room = await alice.directRoomWith(BOT, preset);
    await alice.waitForMessage(room, ({ body }) => body.includes("Say help"));
    await alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
    await alice.waitForMessage(room, ({ body }) => body.includes("You are signed in"));
    return room;
  }

  it("carries 200 messages each way at once, complete and in order", async () => {
    await login();
    const nils = sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "first");
    const room = await alice.joinInvited(({ inviter, isDirect }) => inviter === ghostOf(NILS) && isDirect);
    const said = Promise.all(numbered("from msn").map((text) => nils.say(MIA.passport, text)));
    for (const text of numbered("from matrix")) await alice.say(room, text);
    await said;
    await until("all on MSN", () => nils.received.length >= COUNT, 60_000);
    const shown = (): string[] =>
      alice.messages(room).flatMap(({ sender, body }) => (sender === ghostOf(NILS) ? [body] : []));
    await until("all on Matrix", () => shown().length > COUNT, 60_000);
    expect(nils.received.map(({ text }) => text)).to.deep.equal(numbered("from matrix"));
    expect(shown()).to.deep.equal(["first", ...numbered("from msn")]);
    expect(alice.members(room).map(({ displayName }) => displayName)).to.include("Nils");
  });

  it("removes the password where it may, and says so where it may not", async () => {
    const trusted = await login();
    expect(alice.messages(trusted).some(({ redacted }) => redacted)).to.equal(true);
    expect(alice.messages(trusted).some(({ body }) => body.includes(MIA.password))).to.equal(false);
    const own = await alice.directRoomWith(BOT, "private_chat");
    await alice.waitForMessage(own, ({ body }) => body.includes("Say help"));
    await alice.say(own, `login sandbox ${MIA.passport} wrong`);
    await alice.waitForMessage(own, ({ body }) => body.includes("please delete it yourself"));
    expect(lines.filter((line) => line.includes(MIA.password))).to.deep.equal([]);
  });

  it("tells what was not delivered, carries on after a restart of the homeserver, and reports a login's health", async () => {
    const management = await login();
    const nils = sandbox.contact(NILS, "Nils");
    nils.signOut();
    await alice.say(management, `start-chat ${NILS}`);
    const room = await alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS));
    await alice.say(room, "are you there?");
    await alice.waitForMessage(room, ({ body }) => body.includes("was not delivered"));
    nils.signIn();
    await sharedSynapse().restart();
    await until(
      "said",
      () =>
        alice
          .say(room, "and now?")
          .then(() => true)
          .catch(() => false),
      30_000,
    );
    await until("and now", () => nils.received.some(({ text }) => text === "and now?"), 60_000);
    await nils.say(MIA.passport, "now I am");
    await alice.waitForMessage(room, ({ body }) => body === "now I am", 60_000);
    await alice.say(management, "ping");
    await alice.waitForMessage(management, ({ body }) => /answered in \d+ ms/u.test(body));
  });
});
