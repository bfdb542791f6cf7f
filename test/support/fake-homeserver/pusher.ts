import { Agent, request } from "node:http";
import type { FakeEvent } from "./room.ts";

export interface FakeTransaction {
  txnId: string;
  body: Record<string, unknown>;
  /** What the appservice answered; 0: no answer. */
  status: number;
}

export interface PusherOptions {
  url: string | null;
  hsToken: string;
  /** The names under which ephemeral events go. */
  ephemeralFields: string[];
  /** Told of every try. */
  onTry?: (transaction: FakeTransaction) => void;
}

const RETRY_MS = 20;
const MAX_EVENTS = 100;

/** Brings events to the appservice: in order, one transaction at a time, each repeated until it is answered with 200. */
export class Pusher {
  readonly transactions: FakeTransaction[] = [];
  url: string | null;
  readonly #options: PusherOptions;
  readonly #stopping = new AbortController();
  readonly #agent = new Agent({ keepAlive: true });
  #events: FakeEvent[] = [];
  #ephemeral: object[] = [];
  #held = false;
  #running: Promise<void> | undefined;
  #count = 0;

  constructor(options: PusherOptions) {
    this.#options = options;
    this.url = options.url;
  }

  add(event: FakeEvent): void {
    this.#events.push(structuredClone(event));
    this.wake();
  }

  addEphemeral(event: object): void {
    if (this.#options.ephemeralFields.length === 0) return;
    this.#ephemeral.push(event);
    this.wake();
  }

  hold(held: boolean): void {
    this.#held = held;
    this.wake();
  }

  /** Starts to push, unless it already does. */
  wake(): void {
    // After a turn, so that what happens at once travels together.
    this.#running ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(async () => this.#run())
      .finally(() => {
        this.#running = undefined;
        if (this.#ready()) this.wake();
      });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#agent.destroy();
  }

  /** One try; returns the status, or 0 when nobody answered. */
  async send(body: Record<string, unknown>, txnId: string): Promise<number> {
    const status = await this.#put(body, txnId);
    this.transactions.push({ txnId, body, status });
    this.#options.onTry?.({ txnId, body, status });
    return status;
  }

  nextId(): string {
    this.#count += 1;
    return `txn${this.#count}`;
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    while (this.#ready()) {
      const events = this.#events.splice(0, MAX_EVENTS);
      const ephemeral = this.#ephemeral.splice(0, MAX_EVENTS);
      const body: Record<string, unknown> = { events };
      if (ephemeral.length > 0) for (const field of this.#options.ephemeralFields) body[field] = ephemeral;
      await this.#deliver(body, this.nextId());
    }
  }

  #ready(): boolean {
    const some = this.#events.length > 0 || this.#ephemeral.length > 0;
    return some && !this.#held && this.url !== null && !this.#stopped();
  }

  async #deliver(body: Record<string, unknown>, txnId: string): Promise<void> {
    while (!this.#stopped() && (await this.send(body, txnId)) !== 200) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  // Not by fetch(), which takes several times as long for such small requests.
  async #put(body: Record<string, unknown>, txnId: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const url = `${this.url ?? ""}/_matrix/app/v1/transactions/${encodeURIComponent(txnId)}`;
    const headers = { authorization: `Bearer ${this.#options.hsToken}`, "content-type": "application/json" };
    const put = request(url, { method: "PUT", headers, agent: this.#agent, signal: this.#stopping.signal });
    put.on("response", (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("close", () => resolve(0));
    });
    put.once("error", () => resolve(0));
    put.end(JSON.stringify(body));
    return promise;
  }
}
