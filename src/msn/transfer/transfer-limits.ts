import type { Clock } from "../../util/clock.ts";
import { RateLimit, type Rate } from "../../util/rate-limit.ts";
import type { Acquaintances } from "../base/acquaintances.ts";
import type { TransferPlaces } from "./transfer-context.ts";

// Each offer waits for a person, and each file that goes over has a connection or a port. Anybody may offer as many as they
// like, so strangers have a share only, and of what goes over there is a share for what the account itself sends.
const OFFERS = { all: 100, strangers: 40, ofOne: 20 } as const;
// One who takes offers back, or whose offers are declined at once, could go on for ever with few at a time.
const OFFERS_OF_CONTACT: Rate = { burst: 100, everyMs: 3000 };
const OFFERS_OF_STRANGER: Rate = { burst: 20, everyMs: 30_000 };
const MAX_REMEMBERED = 1000;

/** How many offers may wait, or be under way. */
export class OfferLimits {
  readonly #clock: Clock;
  readonly #acquaintances: Acquaintances;
  /** By contact; who has offered last stands last. */
  readonly #paces = new Map<string, RateLimit>();

  constructor(clock: Clock, acquaintances: Acquaintances) {
    this.#clock = clock;
    this.#acquaintances = acquaintances;
  }

  /** Whether one more may wait; if so, it counts. @param waiting who has offered those that do already */
  take(contact: string, waiting: readonly string[]): boolean {
    const isStranger = (one: string): boolean => !this.#acquaintances.knows(one);
    if (waiting.length >= OFFERS.all) return false;
    if (waiting.filter((one) => one === contact).length >= OFFERS.ofOne) return false;
    if (isStranger(contact) && waiting.filter(isStranger).length >= OFFERS.strangers) return false;
    return this.#paceOf(contact, isStranger(contact)).take();
  }

  #paceOf(contact: string, isStranger: boolean): RateLimit {
    const rate = isStranger ? OFFERS_OF_STRANGER : OFFERS_OF_CONTACT;
    const pace = this.#paces.get(contact) ?? new RateLimit(this.#clock, rate);
    this.#paces.delete(contact);
    this.#paces.set(contact, pace);
    const [oldest] = this.#paces.keys();
    if (oldest !== undefined && this.#paces.size > MAX_REMEMBERED) this.#paces.delete(oldest);
    return pace;
  }
}

/**
 * So many files go over at once. A quarter of the places is for files that we send; of the others one contact can have half,
 * and strangers a quarter.
 */
export class Places implements TransferPlaces {
  readonly #most: number;
  readonly #acquaintances: Acquaintances;
  #sends = 0;
  /** Who sends what we receive. */
  readonly #senders: string[] = [];

  constructor(most: number, acquaintances: Acquaintances) {
    this.#most = most;
    this.#acquaintances = acquaintances;
  }

  take(from?: string): boolean {
    if (this.#sends + this.#senders.length >= this.#most) return false;
    if (from === undefined) this.#sends += 1;
    else if (this.#isFull(from)) return false;
    else this.#senders.push(from);
    return true;
  }

  giveBack(from?: string): void {
    if (from === undefined) this.#sends -= 1;
    else this.#senders.splice(this.#senders.indexOf(from), 1);
  }

  #isFull(from: string): boolean {
    const isStranger = (one: string): boolean => !this.#acquaintances.knows(one);
    const most = this.#most - Math.floor(this.#most / 4);
    const count = (isOne: (one: string) => boolean): number => this.#senders.filter(isOne).length;
    if (this.#senders.length >= most || count((one) => one === from) >= Math.ceil(most / 2)) return true;
    return isStranger(from) && count(isStranger) >= Math.ceil(most / 4);
  }
}

/** The ports at which we wait for those who send: the last quarter is for those whom we send something. */
export function portsForReceiving([first, last]: readonly [first: number, last: number]): readonly [number, number] {
  return [first, last - Math.floor((last - first + 1) / 4)];
}
