import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { EventType, Method, MsgType, RelationType } from "matrix-js-sdk";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { ghostOf, MIA, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { bridgeSeat, sharedSynapse } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

describe("what messages say now, over a real Synapse", () => {
  let town: Town;
  let nils: ScriptedContact;
  let management: string;
  let room: string;
  before(async () => {
    town = await Town.open(
      "today",
      { synapse: sharedSynapse(), seat: bridgeSeat() },
      { messages: { reactions: "text" } },
    );
    management = await town.login();
    nils = town.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "hello");
    room = await town.alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS));
    await town.alice.waitForMessage(room, ({ body }) => body === "hello");
  });
  after(() => town.close());
  beforeEach(() => void nils.received.splice(0));

  const texts = (): string[] => nils.received.map(({ text }) => text);

  async function edit(eventId: string, body: string): Promise<string> {
    const content = { msgtype: MsgType.Text, body } as const;
    const relation = { rel_type: RelationType.Replace, event_id: eventId } as const;
    const sent = await town.alice.client.sendMessage(room, {
      ...content,
      body: `* ${body}`,
      "m.new_content": content,
      "m.relates_to": relation,
    });
    return sent.event_id;
  }

  async function react(eventId: string, key: string): Promise<void> {
    await town.alice.client.sendEvent(room, EventType.Reaction, {
      "m.relates_to": { rel_type: RelationType.Annotation, event_id: eventId, key },
    });
  }

  async function arrives(...wanted: string[]): Promise<void> {
    await until(wanted.join(), () => texts().length >= wanted.length);
    expect(texts()).to.deep.equal(wanted);
  }

  it("is what 🔁 sends, after several edits of which the last was deleted", async () => {
    nils.signOut();
    const five = await town.alice.say(room, "meet at 5");
    await town.alice.waitForMessage(room, ({ body }) => body.includes("was not delivered: Nils"));
    await edit(five, "meet at 6");
    await town.alice.waitForMessage(room, ({ body }) => body.startsWith("Your edit was not delivered"));
    await edit(five, "meet at 7");
    await town.alice.redact(room, await edit(five, "meet at 8"));
    nils.signIn();
    await react(five, "🔁");
    await arrives("meet at 7");
    await edit(five, "meet at 7");
    await edit(five, "meet at 9");
    await arrives("meet at 7", "* meet at 9");
  });

  it("is what answers and reactions quote", async () => {
    const five = await town.alice.say(room, "meet at 5");
    await arrives("meet at 5");
    await edit(five, "meet at 6");
    await arrives("meet at 5", "* meet at 6");
    await town.alice.client.sendMessage(room, {
      msgtype: MsgType.Text,
      body: "yes",
      "m.relates_to": { "m.in_reply_to": { event_id: five } },
    });
    await react(five, "🦊");
    await arrives("meet at 5", "* meet at 6", "> mia: meet at 6\nyes", '/me reacted 🦊 to "meet at 6"');
  });

  it("crosses in unknown forms too, and is heard by the bot", async () => {
    const send = async (to: string, type: string, content: object): Promise<void> => {
      const path = `/rooms/${encodeURIComponent(to)}/send/${type}/forms-${randomUUID()}`;
      await town.alice.client.http.authedRequest(Method.Put, path, undefined, content);
    };
    await send(room, "m.room.message", { msgtype: "nic.custom.confetti", body: "party" });
    await send(room, "m.room.message", { msgtype: "m.notice", body: "beep" });
    await send(room, "m.room.message", { msgtype: "io.element.effect.hearts", body: "love" });
    await send(room, "m.message", { "m.text": [{ body: "extensible" }] });
    await send(room, "org.matrix.msc1767.message", { "org.matrix.msc1767.text": "as proposed" });
    await arrives("party", "love", "extensible", "as proposed");
    await send(management, "m.room.message", { msgtype: "m.emote", body: "help cancel" });
    await town.alice.waitForMessage(management, ({ body }) => body.includes("stops what I am asking"));
  });
});
