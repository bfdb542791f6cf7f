import { Agent, request } from "node:http";
import type { StubEvent } from "./world.ts";

const MOST_EVENTS = 100;
const RETRY_MS = 50;

/** Where transactions go. */
export interface Target {
  readonly url: string;
  readonly token: string;
}

/** Brings events to an appservice: in order, one transaction at a time, each until it is answered with 200. */
export class StubPusher {
  readonly #target: Target;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #prefix: string;
  #waiting: StubEvent[] = [];
  #pushing: Promise<void> = Promise.resolve();
  #isRunning = false;
  #count = 0;

  constructor(target: Target, prefix: string) {
    this.#target = target;
    this.#prefix = prefix;
  }

  /** What happens in one turn travels together. */
  add(event: StubEvent): void {
    this.#waiting.push(event);
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => void this.#run());
  }

  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /**
   * Sends a transaction after those before it. Resolves once it is answered.
   * @returns how long the answer took, in milliseconds
   */
  async push(events: readonly StubEvent[]): Promise<number> {
    const pushed = this.#pushing.then(async () => this.pushNow(events));
    this.#pushing = pushed.then(() => undefined);
    return pushed;
  }

  /** The same, without waiting for those before it. */
  async pushNow(events: readonly StubEvent[]): Promise<number> {
    this.#count += 1;
    const path = `/_matrix/app/v1/transactions/${this.#prefix}${this.#count}`;
    const body = JSON.stringify({ events });
    const start = performance.now();
    while ((await this.#put(path, body)) !== 200) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return performance.now() - start;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.push(this.#waiting.splice(0, MOST_EVENTS));
    this.#isRunning = false;
  }

  async #put(path: string, body: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const { url, token } = this.#target;
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
    };
    const put = request(`${url}${path}`, { method: "PUT", headers, agent: this.#agent });
    put.on("response", (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", () => resolve(0));
    });
    put.once("error", () => resolve(0));
    put.end(body);
    return promise;
  }
}
