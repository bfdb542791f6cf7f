import type { ScriptedContact } from "./sandbox/scripted-contact.ts";
import type { ProfileName } from "../../src/sandbox/network/server-profile.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import type { FakeMessage } from "./fake-homeserver/person.ts";
import { ghostOf, MIA, NILS, TestBridge } from "./test-bridge.ts";
import { until } from "./until.ts";

interface FileBenchOptions {
  readonly msn?: ProfileName;
  readonly media?: object;
  /** More sections of the configuration. */
  readonly keys?: Record<string, object>;
  readonly clock?: Clock;
}

/** Waits of some lengths are shorter on it, by their milliseconds; all else is as it is. */
export function hastyClock(shorter: Readonly<Record<number, number>>): Clock {
  return { ...systemClock, after: (ms, run) => systemClock.after(shorter[ms] ?? ms, run) };
}

/** A bridge that carries files on this machine; Alice is signed in as Mia and has a chat with Nils. */
export class FileBench {
  readonly bridge: TestBridge;
  readonly nils: ScriptedContact;
  readonly room: string;
  readonly management: string;

  private constructor(bridge: TestBridge, nils: ScriptedContact, rooms: { room: string; management: string }) {
    this.bridge = bridge;
    this.nils = nils;
    this.room = rooms.room;
    this.management = rooms.management;
  }

  static async open({ msn = "today", media, keys, clock }: FileBenchOptions = {}): Promise<FileBench> {
    const bridge = await TestBridge.open({
      msn,
      keys: { media: { allow_private_addresses: true, ...media }, ...keys },
    });
    await bridge.start(clock);
    const management = await bridge.login(NILS);
    const nils = bridge.sandbox.contact(NILS, "Nils");
    await nils.say(MIA.passport, "hello");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    return new FileBench(bridge, nils, { room, management });
  }

  async close(): Promise<void> {
    await this.bridge.close();
  }

  /** Everything that is shown of files in the room: the events of the ghost that are no texts. */
  files(): FakeMessage[] {
    return this.bridge.alice
      .messages(this.room)
      .filter(({ content }) => /^m\.(?:image|video|audio|file)$/u.test(String(content["msgtype"])))
      .filter(({ sender }) => sender === ghostOf(NILS));
  }

  /** Waits for the next file to be shown. @param count how many are then there */
  async file(count = 1): Promise<FakeMessage> {
    return until(`file ${count}`, () => this.files()[count - 1]);
  }

  /** What is on the homeserver for an event. */
  bytes({ content }: FakeMessage): Buffer {
    const file = this.bridge.fake.media.files.get(String(content["url"]));
    if (!(file?.content instanceof Uint8Array)) throw new Error("there is no such file");
    return Buffer.from(file.content);
  }

  /** Alice sends a file. @returns the event's id */
  send(content: Uint8Array, name = "a.bin", more: Record<string, unknown> = {}): string {
    const url = this.bridge.fake.media.put(content, "application/octet-stream", name);
    return this.bridge.alice.send(this.room, "m.room.message", { msgtype: "m.file", body: name, url, ...more });
  }

  /** Alice edits what she has sent with a file. @param content with the address of another file, or without any */
  edit(eventId: string, content: Record<string, unknown>): string {
    const url = this.bridge.fake.room(this.room).event(eventId)?.content["url"];
    const edited = { msgtype: "m.file", url, ...content };
    const relation = { rel_type: "m.replace", event_id: eventId };
    return this.bridge.alice.send(this.room, "m.room.message", {
      ...edited,
      "m.new_content": edited,
      "m.relates_to": relation,
    });
  }

  async reads(words: string): Promise<FakeMessage> {
    return this.bridge.reads(this.bridge.alice, this.room, words);
  }

  /** How often some words stand in what the bridge says in the room. */
  count(words: string): number {
    return this.bridge.alice.messages(this.room).filter(({ body }) => body.includes(words)).length;
  }

  /** Alice reacts to an event. */
  react(eventId: string, key: string): string {
    const relation = { rel_type: "m.annotation", event_id: eventId, key };
    return this.bridge.alice.send(this.room, "m.reaction", { "m.relates_to": relation });
  }

  /** Waits until the ghost offers a reaction on an event. */
  async offered(eventId: string, key: string): Promise<void> {
    await until(`${key} on ${eventId}`, () =>
      this.bridge.fake.room(this.room).timeline.some(({ type, content }) => {
        const relation = content["m.relates_to"];
        return (
          type === "m.reaction" && JSON.stringify(relation).includes(eventId) && JSON.stringify(relation).includes(key)
        );
      }),
    );
  }

  /** Waits until the homeserver has a receipt of the ghost for an event. */
  async receipt(eventId: string): Promise<void> {
    await until(`a receipt for ${eventId}`, () =>
      this.bridge.fake.requests.some(
        ({ path }) => path.includes("/receipt/m.read/") && path.endsWith(encodeURIComponent(eventId)),
      ),
    );
  }
}
