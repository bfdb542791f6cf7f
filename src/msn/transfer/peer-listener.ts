import { randomInt } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Clock } from "../../util/clock.ts";
import { onAbort } from "../../util/on-abort.ts";
import type { Listen, ListeningPort } from "../net/listen.ts";
import { Link } from "./link.ts";
import { failed } from "./outcome.ts";

export interface PeerListenerOptions {
  readonly listen: Listen;
  readonly ports: readonly [first: number, last: number];
  readonly clock: Clock;
  /** Finds out whether it is the contact's client that has connected; rejects when not. */
  readonly greet: (link: Link) => Promise<void>;
  /** Closes the listener and every connection that was not let in. */
  readonly signal: AbortSignal;
}

/** A port at which the contact's client is waited for. */
export interface PeerListener {
  readonly port: number;
  /** Never rejects: how long to wait is for the caller to say. */
  readonly peer: Promise<Link>;
}

// Some clients read it as a signed number (docs/msnp.md 5.1).
const MAX_AUTH_COOKIE = 2 ** 30;

/** A word by which the contact's client is recognized. */
export function newAuthCookie(): string {
  return String(randomInt(1, MAX_AUTH_COOKIE));
}

// Anybody may connect to an open port.
const MAX_PENDING = 4;
const MAX_REJECTED = 100;
const GREETING_TIMEOUT_MS = 15_000;

/**
 * Opens the first port that is free. The first connection whose greeting is right is the peer's, and the port is closed;
 * all others are destroyed.
 * @throws TransferEnd `ports-busy`
 */
export async function listenForPeer(options: PeerListenerOptions): Promise<PeerListener> {
  const { signal } = options;
  const pending = new PendingPeers(options);
  const listener = await listenOnFirstFree(options, pending);
  onAbort(pending.closed, () => listener.close());
  onAbort(signal, () => pending.close());
  if (signal.aborted) pending.close();
  return { port: listener.port, peer: pending.peer };
}

async function listenOnFirstFree(
  { listen, ports: [first, last] }: PeerListenerOptions,
  pending: PendingPeers,
): Promise<ListeningPort> {
  let cause: unknown;
  for (let port = first; port <= last; port += 1) {
    try {
      return await listen(port, (stream) => pending.add(stream));
    } catch (error) {
      cause = error;
    }
  }
  throw failed("ports-busy", cause);
}

/** The connections that have not been greeted yet. */
class PendingPeers {
  readonly #options: PeerListenerOptions;
  readonly #links = new Set<Link>();
  readonly #peer = Promise.withResolvers<Link>();
  readonly #closing = new AbortController();
  #rejected = 0;

  constructor(options: PeerListenerOptions) {
    this.#options = options;
  }

  get peer(): Promise<Link> {
    return this.#peer.promise;
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  add(stream: Duplex): void {
    const link = new Link(stream, this.#options.clock);
    const isFull = this.#links.size >= MAX_PENDING || this.#rejected >= MAX_REJECTED;
    if (this.closed.aborted || isFull) return link.destroy();
    this.#links.add(link);
    void this.#greet(link);
  }

  close(): void {
    this.#closing.abort();
    for (const link of this.#links) link.destroy();
    this.#links.clear();
  }

  async #greet(link: Link): Promise<void> {
    const timer = this.#options.clock.after(GREETING_TIMEOUT_MS, () => link.destroy());
    try {
      await this.#options.greet(link);
      this.#accept(link);
    } catch {
      this.#reject(link);
    } finally {
      timer.cancel();
    }
  }

  #accept(link: Link): void {
    // Another connection was quicker, or nobody waits any more.
    if (!this.#links.delete(link)) return link.destroy();
    this.close();
    this.#peer.resolve(link);
  }

  #reject(link: Link): void {
    this.#links.delete(link);
    this.#rejected += 1;
    link.destroy();
  }
}
