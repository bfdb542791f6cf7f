import { duplexPair, Readable, Writable, type Duplex } from "node:stream";
import { dialTcp, type FileOptions, type FileReceive, type MsnEvent } from "../../src/msn/index.ts";
import type { Dial } from "../../src/msn/net/dial.ts";
import type { Listen } from "../../src/msn/net/listen.ts";
import { encodeInvitation } from "../../src/msn/wire/encode-invitation.ts";
import { parseInvitation, type OutgoingInvitation } from "../../src/msn/wire/invitation.ts";
import type { EventSink } from "../../src/msn/base/event-sink.ts";
import {
  Transfers,
  type ContactPresence,
  type FileEvent,
  type TransferConversations,
} from "../../src/msn/transfer/transfers.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import { NO_LOG } from "../../src/msn/base/log.ts";
import type { Delivery, WriteListener } from "../../src/msn/chat/delivery.ts";
import { FakeClock } from "./fake-clock.ts";
import { until } from "./until.ts";

export const MIA = "mia@example.com";
export const NILS = "nils@example.com";

/** Options for transfers on the loopback, at ports that are free. */
export const LOOPBACK: FileOptions = {
  publicAddress: "127.0.0.1",
  listenHost: "127.0.0.1",
  ports: [0, 0],
  allowPrivateAddresses: true,
};

/** Bytes of which no two places look alike for long. */
export function bytesOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8) * 7 + (at >> 16)) & 0xff;
  return bytes;
}

/** A stream that gives bytes in pieces of odd sizes. */
export function contentOf(bytes: Buffer, piece = 7001): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, at) =>
    bytes.subarray(at * piece, (at + 1) * piece),
  );
  return Readable.from(pieces, { objectMode: false });
}

/** Takes bytes and keeps them. */
export class Sink extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

interface SideOptions {
  readonly files?: FileOptions;
  readonly clock?: Clock;
  readonly dial?: Dial;
}

/** The transfers of one account; what it says to its contact goes to whoever is on the other side. */
export class Side implements TransferConversations, ContactPresence, EventSink<FileEvent> {
  readonly transfers: Transfers;
  readonly offers: FileReceive[] = [];
  /** What was said and did not belong to a transfer. */
  readonly strays: MsnEvent[] = [];
  /** Everything that was said to the contact. */
  readonly said: OutgoingInvitation[] = [];
  /** What becomes of what is said; said at once if not set. */
  delivery: (() => Promise<Delivery>) | undefined;
  other: Side | undefined;
  /** Whether the contact is on a switchboard with the account. */
  isPresent = false;
  /** What the server says of the contact. */
  presence: "online" | "offline" | "unknown" = "unknown";
  readonly account: string;

  constructor(account: string, { files = LOOPBACK, clock = systemClock, dial = dialTcp }: SideOptions = {}) {
    this.account = account;
    this.transfers = new Transfers({ account, clock, log: NO_LOG, dial }, files, this, this, this);
  }

  report(event: FileEvent): void {
    this.offers.push(event.offer);
  }

  async say(_contact: string, invitation: OutgoingInvitation, listener: WriteListener): Promise<Delivery> {
    if (this.delivery !== undefined) return this.delivery();
    listener.onWrite();
    this.#tell(invitation);
    return Promise.resolve({ state: "delivered" } as const);
  }

  mention(_contact: string, invitation: OutgoingInvitation): void {
    this.#tell(invitation);
  }

  isWith(): boolean {
    return this.isPresent;
  }

  /** Whom the account knows; everybody if not set. */
  friends: ReadonlySet<string> | undefined;

  knows(account: string): boolean {
    return this.friends?.has(account) ?? true;
  }

  presenceOf(): "online" | "offline" | "unknown" {
    return this.presence;
  }

  /** Hears something from an account. */
  hear(account: string, body: string, group?: string): void {
    const invitation = parseInvitation(Buffer.from(body));
    const event: MsnEvent = {
      type: "content",
      account,
      name: account,
      content: { type: "invitation", invitation },
      group,
    };
    if (!this.transfers.take(event)) this.strays.push(event);
  }

  /** The first offer that comes. */
  async offer(at = 0): Promise<FileReceive> {
    return until("an offer", () => this.offers[at]);
  }

  /** The last that was said, as it is written. */
  get lastWords(): string {
    const last = this.said.at(-1);
    return last === undefined ? "" : encodeInvitation(last);
  }

  #tell(invitation: OutgoingInvitation): void {
    this.said.push(invitation);
    // On its own, as everything that comes over a network.
    setImmediate(() => this.other?.hear(this.account, encodeInvitation(invitation)));
  }
}

/** Two accounts that hear each other. */
export function pair(mia: SideOptions = {}, nils: SideOptions = {}): { mia: Side; nils: Side } {
  const sides = { mia: new Side(MIA, mia), nils: new Side(NILS, nils) };
  sides.mia.other = sides.nils;
  sides.nils.other = sides.mia;
  return sides;
}

/** The other end of a connection, in the hand of a test. */
export class Hand {
  readonly #stream: Duplex;
  #heard = Buffer.alloc(0);
  isEnded = false;
  isClosed = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", (bytes: Buffer) => (this.#heard = Buffer.concat([this.#heard, bytes])));
    stream.on("end", () => (this.isEnded = true));
    stream.on("close", () => (this.isClosed = true));
    stream.on("error", () => undefined);
  }

  /** What has come and was not looked at yet. */
  get heard(): string {
    return this.#heard.toString("latin1");
  }

  say(bytes: string | Buffer): void {
    this.#stream.write(bytes);
  }

  /** Waits for exactly these bytes. */
  async expect(bytes: string | Buffer): Promise<void> {
    const wanted = Buffer.from(bytes);
    await until(`${wanted.length} bytes`, () => this.#heard.length >= wanted.length || this.isEnded);
    const heard = this.#heard.subarray(0, wanted.length);
    this.#heard = this.#heard.subarray(wanted.length);
    if (!heard.equals(wanted)) throw new Error(`heard ${JSON.stringify(heard.toString("latin1"))}`);
  }

  /** Waits until the other side has said all, and returns what was not looked at. */
  async rest(): Promise<Buffer> {
    await until("the end", () => this.isEnded || this.isClosed);
    return this.#heard;
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

/** A network in memory, on which one can listen, and whose other ends are in the hand of a test. */
export class MemoryNet {
  readonly clock = new FakeClock();
  readonly dialled: string[] = [];
  readonly #ports = new Map<number, (stream: Duplex) => void>();
  /** The ends of connections that we made. */
  readonly hands: Hand[] = [];
  /** Ports that somebody else has. */
  readonly taken = new Set<number>();
  /** Addresses at which nobody answers. */
  readonly deaf = new Set<string>();

  readonly dial: Dial = (host, port) => {
    this.dialled.push(`${host} ${port}`);
    if (this.deaf.has(`${host} ${port}`)) return Promise.reject(new Error("refused"));
    const [near, far] = duplexPair();
    this.hands.push(new Hand(far));
    return Promise.resolve(near);
  };

  readonly listen: Listen = (port, onConnection) => {
    if (this.#ports.has(port) || this.taken.has(port)) return Promise.reject(new Error("EADDRINUSE"));
    this.#ports.set(port, onConnection);
    return Promise.resolve({ port, close: () => void this.#ports.delete(port) });
  };

  /** The ports at which somebody listens. */
  get open(): number[] {
    return [...this.#ports.keys()];
  }

  /** Connects to a port at which we listen. */
  knock(port = 6891): Hand {
    const onConnection = this.#ports.get(port);
    if (onConnection === undefined) throw new Error(`nobody listens on ${port}`);
    const [near, far] = duplexPair();
    onConnection(near);
    return new Hand(far);
  }

  /** A connection that we have made. */
  async hand(at = 0): Promise<Hand> {
    return until("a connection", () => this.hands[at]);
  }
}
