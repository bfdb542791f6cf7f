import { Listener, type ListenerOptions, type TransactionReceiver } from "../../src/matrix/listener/listener.ts";
import { captureLog, type CapturedLog } from "./captured-log.ts";

export const LISTENER_TOKEN = "hs-token";

export interface ListenerAnswer {
  status: number;
  body: unknown;
  headers: Headers;
}

/** Listeners of a test, and what they were given. */
export class ListenerBench implements TransactionReceiver {
  readonly accepted: Array<readonly unknown[]> = [];
  readonly ephemeral: Array<readonly unknown[]> = [];
  readonly captured: CapturedLog = captureLog();
  readonly #open: Listener[] = [];

  async accept(events: readonly unknown[]): Promise<void> {
    await Promise.resolve();
    this.accepted.push(events);
  }

  hear(ephemeral: readonly unknown[]): void {
    this.ephemeral.push(ephemeral);
  }

  /** One that does not listen yet. */
  make(options: Partial<ListenerOptions> = {}): Listener {
    const listener = new Listener({
      hsToken: LISTENER_TOKEN,
      log: this.captured.log,
      receiver: this,
      users: { provision: async (userId) => Promise.resolve(userId === "@msn_a+b:localhost") },
      ...options,
    });
    this.#open.push(listener);
    return listener;
  }

  async listen(options: Partial<ListenerOptions> = {}): Promise<Listener> {
    const listener = this.make(options);
    await listener.listen(0, "127.0.0.1", 10);
    return listener;
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map(async (listener) => listener.close()));
  }
}

/** Asks as the homeserver does. A `body` that is no string goes as JSON; an empty `authorization` is left out. */
export async function askListener(
  listener: Listener,
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bearer ${LISTENER_TOKEN}`,
): Promise<ListenerAnswer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`http://127.0.0.1:${listener.port}${path}`, {
    method,
    headers: authorization === "" ? {} : { authorization },
    ...(body === undefined ? {} : { body: text }),
  });
  const type = response.headers.get("content-type");
  if (type !== "application/json") throw new Error(`an answer of type ${type}`);
  return { status: response.status, body: await response.json(), headers: response.headers };
}
