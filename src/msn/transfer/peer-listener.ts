import { randomInt } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Clock } from "../../util/clock.ts";
import type { Listen, Listener } from "../net/listen.ts";
import { Link } from "./link.ts";
import { failed } from "./outcome.ts";

export interface PeerListenerOptions {
  readonly listen: Listen;
  readonly ports: readonly [first: number, last: number];
  readonly clock: Clock;
  /** Finds out whether somebody is the one who is waited for; rejects when not. */
  readonly greet: (link: Link) => Promise<void>;
  /** Closes the door, and everybody out who was not let in. */
  readonly signal: AbortSignal;
}

/** A port at which one is waited for. */
export interface PeerListener {
  readonly port: number;
  /** Never rejects: how long to wait is for the caller to say. */
  readonly visitor: Promise<Link>;
}

// Some clients read it as a signed number (docs/msnp.md 5.1).
const MAX_AUTH_COOKIE = 2 ** 30;

/** A word by which a visitor is known. */
export function newAuthCookie(): string {
  return String(randomInt(1, MAX_AUTH_COOKIE));
}

// Anybody may knock at an open port.
const MAX_AT_ONCE = 4;
const MAX_STRANGERS = 100;
const GREETING_TIMEOUT_MS = 15_000;

/**
 * Opens the first port that is free. The first who is greeted well is let in and the port closed; others are put out.
 * @throws TransferEnd `ports-busy`
 */
export async function listenForPeer(options: PeerListenerOptions): Promise<PeerListener> {
  const { signal } = options;
  const hall = new Hall(options);
  const listener = await listenOnFirstFree(options, (stream) => hall.enter(stream));
  hall.closed.addEventListener("abort", () => listener.close(), { once: true });
  signal.addEventListener("abort", () => hall.close(), { once: true });
  if (signal.aborted) hall.close();
  return { port: listener.port, visitor: hall.visitor };
}

async function listenOnFirstFree(
  { listen, ports: [first, last] }: PeerListenerOptions,
  onConnection: (stream: Duplex) => void,
): Promise<Listener> {
  let cause: unknown;
  for (let port = first; port <= last; port += 1) {
    try {
      return await listen(port, onConnection);
    } catch (error) {
      cause = error;
    }
  }
  throw failed("ports-busy", cause);
}

/** Those who have connected and not been greeted yet. */
class Hall {
  readonly #options: PeerListenerOptions;
  readonly #waiting = new Set<Link>();
  readonly #visitor = Promise.withResolvers<Link>();
  readonly #closing = new AbortController();
  #strangers = 0;

  constructor(options: PeerListenerOptions) {
    this.#options = options;
  }

  get visitor(): Promise<Link> {
    return this.#visitor.promise;
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  enter(stream: Duplex): void {
    const link = new Link(stream, this.#options.clock);
    const isFull = this.#waiting.size >= MAX_AT_ONCE || this.#strangers >= MAX_STRANGERS;
    if (this.closed.aborted || isFull) return link.destroy();
    this.#waiting.add(link);
    const timer = this.#options.clock.after(GREETING_TIMEOUT_MS, () => link.destroy());
    this.#options
      .greet(link)
      .then(
        () => this.#welcome(link),
        () => this.#putOut(link),
      )
      .finally(() => timer.cancel())
      .catch(() => undefined);
  }

  close(): void {
    this.#closing.abort();
    for (const link of this.#waiting) link.destroy();
    this.#waiting.clear();
  }

  #welcome(link: Link): void {
    // Somebody else was quicker, or nobody waits any more.
    if (!this.#waiting.delete(link)) return link.destroy();
    this.close();
    this.#visitor.resolve(link);
  }

  #putOut(link: Link): void {
    this.#waiting.delete(link);
    this.#strangers += 1;
    link.destroy();
  }
}
