import { z } from "zod";
import type { CaseContext } from "../cases/case.ts";
import type { Child } from "../../test/support/child.ts";
import { ownShares, type BenchBridge } from "./bridge.ts";
import { PASSWORD, Stage } from "./stage.ts";
import { sharedNow } from "./clock.ts";
import type { OwnShare } from "./own-shares.ts";
import { settle } from "./settle.ts";
import { everywhere, inTurn, mustBeWhole, received } from "./tally.ts";
import { usageOf } from "./usage.ts";

const times = z.array(z.number());
const OWNER = "mia";
const FLOOR = "floor";
/** How many messages of each contact are on their way at a time. */
const WINDOW = 3;
const SENTENCE = "The train is late again, so I shall be there at about half past seven.";

export type Side = "bridge" | "floor";

/** What a message cost. */
export interface Cost {
  readonly rate: number;
  readonly cpuMs: number;
  readonly written: number;
  /** Of the bridge's loop, in milliseconds; 0 for the floor. */
  readonly longestTurn: number;
}

/** How long each message took, in milliseconds. */
export interface Delays {
  /** From the bytes that one server writes to those that the other has read. */
  readonly whole: readonly number[];
  /** Of this, the time in the process between them. */
  readonly own: readonly number[];
}

/** Bridge and floor, each with a room for each of the same contacts, between the same two servers. */
export class Duel {
  readonly stage: Stage;
  readonly contacts: readonly string[];
  readonly bridge: BenchBridge;
  readonly #floor: Child;
  readonly #rooms: Readonly<Record<Side, readonly string[]>>;
  #next = 1;

  private constructor(parts: Pick<Duel, "stage" | "contacts" | "bridge">, floor: Child, rooms: Record<Side, string[]>) {
    this.stage = parts.stage;
    this.contacts = parts.contacts;
    this.bridge = parts.bridge;
    this.#floor = floor;
    this.#rooms = rooms;
  }

  static async open({ folder }: CaseContext, size: number): Promise<Duel> {
    const stage = await Stage.open(folder);
    try {
      return await Duel.#begin(stage, size);
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  static async #begin(stage: Stage, size: number): Promise<Duel> {
    const contacts = Array.from({ length: size }, (_, at) => `c${at}`);
    const { homeserver, msn } = stage;
    for (const owner of [OWNER, FLOOR])
      await msn.order("people", { owner, password: PASSWORD, contacts, online: contacts });
    const bridge = await stage.startBridge();
    await homeserver.order("sign in", [OWNER, `${OWNER}@example.com`, PASSWORD]);
    await msn.order("speak", { to: OWNER, contacts, texts: ["0 hello"] });
    await homeserver.order("until", size);
    const portals = await stage.portals(OWNER);
    const rooms = contacts.map((contact) => portals.get(contact) ?? "");
    mustBeWhole(await homeserver.ask(received, "take"), everywhere(rooms, 0, 1));
    const floor = await stage.startFloor(FLOOR);
    await homeserver.order("floor", { url: `http://127.0.0.1:${await floor.ask(z.int(), "port")}`, token: "floor" });
    const floorRooms = contacts.map((contact) => `!${contact}.floor:localhost`);
    await homeserver.order("make rooms", floorRooms);
    await msn.order("speak", { to: FLOOR, contacts, texts: ["hello"] });
    const contactOf = Object.fromEntries(
      [rooms, floorRooms].flatMap((ones) => ones.map((room, at) => [room, contacts[at]])),
    );
    await homeserver.order("tell arrivals", { port: await msn.ask(z.int(), "drip port"), contacts: contactOf });
    return new Duel({ stage, contacts, bridge }, floor, { bridge: rooms, floor: floorRooms });
  }

  /** Every contact says so much to one of them, the next thing once an earlier one has arrived. @throws Error when something is missing, doubled or out of order */
  async toMatrix(side: Side, each: number): Promise<Cost> {
    const { homeserver, msn } = this.stage;
    const to = side === "bridge" ? OWNER : FLOOR;
    return this.#carry(side, each, this.#rooms[side], homeserver, async (texts) =>
      msn.order("drip", { to, contacts: this.contacts, texts, window: WINDOW }),
    );
  }

  /** Somebody says so much in every room of one of them. @throws Error as `toMatrix` does */
  async toMsn(side: Side, each: number, perTransaction: number): Promise<Cost> {
    const { homeserver, msn } = this.stage;
    const speech = { to: side, sender: `@${OWNER}:localhost`, rooms: this.#rooms[side], perTransaction };
    return this.#carry(side, each, this.contacts, msn, async (texts) =>
      homeserver.order("speak", { ...speech, texts }),
    );
  }

  /** To be called once, before delays are asked for. */
  async watchShares(): Promise<void> {
    await this.bridge.watchShares(SENTENCE);
    await this.#floor.order("watch shares", SENTENCE);
  }

  /** Contacts in turn say so much at a pace. */
  async delaysToMatrix(side: Side, count: number, everyMs: number): Promise<Delays> {
    const { homeserver, msn } = this.stage;
    const { first, texts } = this.#sentences(count);
    const to = side === "bridge" ? OWNER : FLOOR;
    const sent = await msn.ask(times, "pace", { to, contacts: this.contacts, texts, everyMs });
    return this.#delays(side, sent, first, this.#rooms[side], homeserver);
  }

  /** Somebody says so much in rooms in turn, at a pace. */
  async delaysToMsn(side: Side, count: number, everyMs: number): Promise<Delays> {
    const { homeserver, msn } = this.stage;
    const { first, texts } = this.#sentences(count);
    const speech = { to: side, sender: `@${OWNER}:localhost`, rooms: this.#rooms[side], texts, everyMs };
    return this.#delays(side, await homeserver.ask(times, "pace", speech), first, this.contacts, msn);
  }

  async close(): Promise<void> {
    await this.stage.close();
  }

  async #carry(
    side: Side,
    each: number,
    conversations: readonly string[],
    listener: Child,
    speak: (texts: string[]) => Promise<void>,
  ): Promise<Cost> {
    const { first, texts } = this.#sentences(each);
    const { pid } = side === "bridge" ? this.bridge : this.#floor;
    const count = each * conversations.length;
    await this.bridge.longestTurn();
    const before = usageOf(pid);
    const start = sharedNow();
    const spoken = speak(texts);
    const end = await listener.ask(z.number(), "until", count);
    await spoken;
    await settle(pid);
    const after = usageOf(pid);
    mustBeWhole(await listener.ask(received, "take"), everywhere(conversations, first, each));
    return {
      rate: (count * 1000) / (end - start),
      cpuMs: (after.cpuMs - before.cpuMs) / count,
      written: (after.written - before.written) / count,
      longestTurn: side === "bridge" ? await this.bridge.longestTurn() : 0,
    };
  }

  async #delays(
    side: Side,
    sent: readonly number[],
    first: number,
    conversations: readonly string[],
    listener: Child,
  ): Promise<Delays> {
    await listener.ask(z.number(), "until", sent.length);
    const all = await listener.ask(received, "take");
    mustBeWhole(all, inTurn(conversations, first, sent.length));
    const whole = Object.values(all).flatMap((arrived) =>
      arrived.map(([number, at]) => at - (sent[number - first] ?? at)),
    );
    const own = await this.#shares(side);
    const numbers = own.map(([number]) => number).toSorted((a, b) => a - b);
    mustBeWhole({ own: numbers.map((number) => [number, 0]) }, everywhere(["own"], first, sent.length));
    return { whole, own: own.map(([, ms]) => ms) };
  }

  async #shares(side: Side): Promise<OwnShare[]> {
    return side === "bridge" ? this.bridge.takeShares() : this.#floor.ask(ownShares, "take shares");
  }

  #sentences(count: number): { first: number; texts: string[] } {
    const first = this.#next;
    this.#next += count;
    return { first, texts: Array.from({ length: count }, (_, at) => `${first + at} ${SENTENCE}`) };
  }
}
