import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { BOT, MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

describe("messages in forms that this bridge does not know", () => {
  let bridge: TestBridge;
  let nils: ScriptedContact;
  let management: string;
  let room: string;
  before(async () => {
    bridge = await TestBridge.started();
    nils = bridge.sandbox.contact(NILS, "Nils");
    management = await bridge.login();
    await nils.say(MIA.passport, "hello");
    room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
  });
  after(() => bridge.close());
  beforeEach(() => void nils.received.splice(0));

  const texts = (): string[] => nils.received.map(({ text }) => text);
  const message = (to: string, content: Record<string, unknown>): string =>
    bridge.alice.send(to, "m.room.message", content);

  it("cross as the text that they bring along; what programs say does not", async () => {
    message(room, { msgtype: "nic.custom.confetti", body: "party" });
    message(room, { msgtype: "m.notice", body: "beep" });
    message(room, { body: "no kind" });
    message(room, { msgtype: "m.text", formatted_body: "<p>only</p>HTML" });
    bridge.alice.send(room, "org.matrix.msc1767.message", { "org.matrix.msc1767.text": "extensible" });
    bridge.alice.send(room, "m.message", { "m.text": [{ body: "of the spec" }] });
    await until("the last", () => texts().includes("of the spec"));
    expect(texts()).to.deep.equal(["party", "no kind", "only\n\nHTML", "extensible", "of the spec"]);
  });

  it("are told where nothing in them can be read", async () => {
    for (const content of [{ msgtype: "m.text", body: 7 }, { msgtype: "x.y", body: {} }, { body: ["a"] }]) {
      const eventId = message(room, content);
      await until(`a word about ${JSON.stringify(content)}`, () =>
        bridge.alice
          .messages(room)
          .some((said) => said.body.includes("only text") && JSON.stringify(said.content).includes(eventId)),
      );
    }
    message(room, { msgtype: "m.key.verification.request", body: "Use another client" });
    await bridge.reads(bridge.alice, room, "cannot be verified");
    expect(texts()).to.deep.equal([]);
  });

  it("are commands like texts where they are said to the bot, but for what programs say", async () => {
    const answers = (): number => bridge.alice.messages(management).filter(({ sender }) => sender === BOT).length;
    for (const msgtype of ["m.emote", "nic.custom.confetti", undefined]) {
      const before = answers();
      message(management, { body: "help cancel", ...(msgtype !== undefined && { msgtype }) });
      await until(`an answer to ${String(msgtype)}`, () => answers() > before);
    }
    const before = answers();
    message(management, { msgtype: "m.notice", body: "help cancel" });
    await bridge.ask(management, "help cancel", "cancel");
    expect(answers()).to.equal(before + 1);
  });

  it("are commands in a chat where they begin with the prefix", async () => {
    const eventId = message(room, { msgtype: "m.emote", body: "!msn help cancel" });
    await until("an answer", () =>
      bridge.alice.messages(room).some(({ content }) => JSON.stringify(content).includes(eventId)),
    );
    expect(texts()).to.deep.equal([]);
  });

  it("hold nothing of what an old client puts before an answer or an edit of one", async () => {
    const hello = bridge.alice.messages(room).find(({ body }) => body === "hello")?.eventId;
    const answered = { "m.relates_to": { "m.in_reply_to": { event_id: hello } } };
    const one = message(room, { msgtype: "m.text", body: "> <Nils> hello\n\none", ...answered });
    await until("one", () => texts().length === 1);
    const edit = (body: string): string =>
      message(room, {
        msgtype: "m.text",
        body: `* ${body}`,
        "m.new_content": { msgtype: "m.text", body },
        "m.relates_to": { rel_type: "m.replace", event_id: one },
      });
    edit("> <@nils:localhost> hello\n\ntwo");
    await until("two", () => texts().length === 2);
    const command = edit("> <@nils:localhost> hello\n\n!msn help cancel");
    await until("an answer", () =>
      bridge.alice.messages(room).some(({ content }) => JSON.stringify(content).includes(command)),
    );
    message(room, { msgtype: "m.text", body: "> <Nils> hello\n\nmine" });
    await until("mine", () => texts().length === 3);
    expect(texts()).to.deep.equal(["> Nils: hello\none", "* two", "> <Nils> hello\n\nmine"]);
  });
});
