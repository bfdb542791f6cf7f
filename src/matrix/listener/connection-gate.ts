import type { Socket } from "node:net";
import type { Clock, Timer } from "../../util/clock.ts";
import { holderOf } from "../../util/ip-address.ts";
import { largestGroup } from "../../util/largest-group.ts";

export interface GateLimits {
  /** How many connections that have not shown a token may be open in all, by addresses that never have. */
  readonly strangers: number;
  /** How many of these by one address. */
  readonly strangersByAddress: number;
  /** How many by all addresses from which a token has come; one may stand in front of strangers, as reverse proxies do. */
  readonly known: number;
  /** How long a connection has until its first request is understood, in milliseconds. */
  readonly patienceMs: number;
}

const LIMITS: GateLimits = { strangers: 64, strangersByAddress: 16, known: 128, patienceMs: 3_000 };
// A homeserver may have workers on other machines.
const KNOWN_ADDRESSES = 32;

interface Guest {
  readonly address: string;
  readonly pool: Map<Socket, Guest>;
  readonly timer: Timer;
}

/**
 * Keeps the door open for the homeserver, whoever else connects. Nobody is turned away: the oldest connection that has said
 * nothing goes instead, of the address that has the most of them. The homeserver speaks at once, and is let be from then on.
 */
export class ConnectionGate {
  readonly #clock: Clock;
  readonly #limits: GateLimits;
  /** Connections of addresses without and with a token in their past, oldest first. */
  readonly #strangers = new Map<Socket, Guest>();
  readonly #known = new Map<Socket, Guest>();
  /** On which something was asked without the token: their last request. */
  readonly #heard = new WeakSet<Socket>();
  /** Where the token has come from, the latest at the end. */
  readonly #addresses = new Set<string>();

  constructor(clock: Clock, limits: Partial<GateLimits> = {}) {
    this.#clock = clock;
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Somebody has connected. */
  admit(socket: Socket): void {
    const address = holderOf(socket.remoteAddress ?? "");
    const isKnown = this.#addresses.has(address);
    const pool = isKnown ? this.#known : this.#strangers;
    this.#makeRoom(pool, isKnown ? undefined : address);
    const timer = this.#clock.after(this.#limits.patienceMs, () => socket.destroy());
    pool.set(socket, { address, pool, timer });
    socket.once("close", () => this.#letGo(socket));
  }

  /**
   * A request has come. Thousands that were sent at once are read at once, so of a stranger there is only one.
   * @returns false when it is not to be answered
   */
  hear(socket: Socket): boolean {
    const isFirst = !this.#heard.has(socket);
    if (isFirst) this.#heard.add(socket);
    else socket.destroy();
    return isFirst;
  }

  /** A request with the right token has come. */
  prove(socket: Socket): void {
    this.#heard.delete(socket);
    const guest = this.#letGo(socket);
    if (guest === undefined) return;
    this.#addresses.delete(guest.address);
    this.#addresses.add(guest.address);
    const [oldest] = this.#addresses;
    if (oldest !== undefined && this.#addresses.size > KNOWN_ADDRESSES) this.#addresses.delete(oldest);
  }

  /** What was asked for is being given, under limits of its own. */
  serve(socket: Socket): void {
    this.#letGo(socket);
  }

  #letGo(socket: Socket): Guest | undefined {
    const guest = this.#strangers.get(socket) ?? this.#known.get(socket);
    guest?.timer.cancel();
    guest?.pool.delete(socket);
    return guest;
  }

  #makeRoom(pool: Map<Socket, Guest>, newcomer: string | undefined): void {
    const { strangers, strangersByAddress, known } = this.#limits;
    const own = newcomer === undefined ? [] : [...pool].filter(([, { address }]) => address === newcomer);
    if (own.length >= strangersByAddress) this.#drop(own);
    else if (pool.size >= (pool === this.#known ? known : strangers))
      this.#drop(largestGroup(pool, ([, { address }]) => address));
  }

  #drop([oldest]: readonly (readonly [Socket, Guest])[]): void {
    if (oldest === undefined) return;
    this.#letGo(oldest[0]);
    oldest[0].destroy();
  }
}
