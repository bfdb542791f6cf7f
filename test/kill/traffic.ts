import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Child } from "../support/child.ts";
import { numbered, parseNumbered, type Sent } from "./facts.ts";
import type { Random } from "./random.ts";
import { Window } from "./window.ts";

export interface TrafficOptions {
  readonly homeserver: Child;
  readonly sandbox: Child;
  readonly random: Random;
  readonly people: readonly string[];
  /** Who talks all the time, with everybody in `people`. */
  readonly contacts: readonly string[];
  /** How many contacts come by, say something for the first time, and get an answer; none: as long as it lasts. */
  readonly newcomers: number | undefined;
  /** The time between two of them, in milliseconds. */
  readonly pace: number;
}

const shown = z.looseObject({ text: z.string() });
const arrived = z.looseObject({ by: z.string(), text: z.string() });
const told = z.looseObject({ replyTo: z.string() });
const opened = z.object({ room: z.string(), owner: z.string(), contact: z.string() });

const MOST_AT_ONCE = 3;
const PAUSE = { least: 150, most: 900 };
// After a contact could not be handed her words; the bridge is away then.
const RETRY_MS = 300;
// How often a newcomer tries to say her first words.
const TRIES = 100;
const ANSWERS = 2;

/**
 * Numbered messages in both directions, for as long as it is not stopped. In each direction of each conversation only a
 * few are on their way at a time, as when people talk: what is told of them is about them, and not about a pile.
 */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #numbers = new Map<string, number>();
  readonly sent: Sent[] = [];
  readonly #toMatrix = new Window();
  readonly #toMsn = new Window();
  readonly #texts = new Map<string, string>();
  /** How often a contact could not be handed her words because nobody was there. */
  refused = 0;
  newcomers = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
    options.homeserver.on("shown", (event) => this.#toMatrix.settle(shown.parse(event).text, true));
    options.sandbox.on("received", (event) => {
      const { by, text } = arrived.parse(event);
      if (parseNumbered(text)?.to === by) this.#toMsn.settle(text, true);
    });
    options.homeserver.on("told", (event) => {
      const text = this.#texts.get(told.parse(event).replyTo);
      if (text !== undefined) this.#toMsn.settle(text, false);
    });
    options.homeserver.on("room", (event) => {
      const { room, owner, contact } = opened.parse(event);
      const isNewcomer = !options.contacts.includes(contact);
      this.#run(this.#write(owner, contact, room, isNewcomer ? ANSWERS : Infinity));
    });
  }

  start(): void {
    const { people, contacts } = this.#options;
    for (const contact of contacts) for (const person of people) this.#run(this.#talk(contact, person));
    this.#run(this.#comeBy());
  }

  /** All newcomers have come. */
  get isComplete(): boolean {
    return this.newcomers >= (this.#options.newcomers ?? 0);
  }

  /** The bridge is up again. What had left MSN when it was killed may never come, so nobody waits for it. */
  goOn(): void {
    this.#toMatrix.forget();
    this.#toMatrix.age();
    this.#toMsn.age();
  }

  /** In each direction a message has arrived that was said since the bridge is up. */
  get flows(): boolean {
    return this.#toMatrix.hasFlowed && this.#toMsn.hasFlowed;
  }

  /** How many messages are on their way. */
  get unsettled(): number {
    return this.#toMatrix.size + this.#toMsn.size;
  }

  /** Nobody begins anything new; resolves once everybody has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #run(work: Promise<void>): void {
    const running = work.finally(() => this.#running.delete(running));
    this.#running.add(running);
    // Only the end of one of the processes ends it this way, and the conductor notices that itself.
    running.catch(() => undefined);
  }

  async #talk(contact: string, person: string): Promise<void> {
    while (!this.#stopped) {
      const says = this.#burst(this.#toMatrix.room(`${contact} ${person}`)).map(async () => this.#say(contact, person));
      await Promise.all(says);
      await this.#pause();
    }
  }

  async #comeBy(): Promise<void> {
    const { newcomers = Infinity, people, random, pace } = this.#options;
    for (let index = 0; index < newcomers && !this.#stopped; index += 1) {
      this.#run(this.#introduce(`new${index}`, random.pick(people)));
      await this.#wait(random.between(pace / 2, pace * 1.5));
    }
  }

  // She does not give up when the traffic ends: her room has to be made.
  async #introduce(contact: string, person: string): Promise<void> {
    for (let left = TRIES; left > 0 && !(await this.#say(contact, person)); left -= 1) await sleep(RETRY_MS);
    this.newcomers += 1;
  }

  async #write(person: string, contact: string, room: string, most: number): Promise<void> {
    for (let count = 0; count < most && !this.#stopped;) {
      for (const _ of this.#burst(this.#toMsn.room(`${person} ${contact}`))) {
        const text = this.#next(person, contact);
        this.#toMsn.add(text, `${person} ${contact}`);
        const eventId = await this.#options.homeserver.ask(z.string(), "say", [person, room, text]);
        this.sent.push({ text, eventId });
        this.#texts.set(eventId, text);
        count += 1;
      }
      await this.#pause();
    }
  }

  /** Whether she could be handed it. */
  async #say(contact: string, person: string): Promise<boolean> {
    const text = this.#next(contact, person);
    this.#toMatrix.add(text, `${contact} ${person}`);
    try {
      await this.#options.sandbox.order("say", [contact, `${person}@example.com`, text]);
      this.#toMatrix.handOver(text);
      return true;
    } catch {
      this.#toMatrix.settle(text, false);
      this.refused += 1;
      if (!this.#stopped) await this.#wait(RETRY_MS);
      return false;
    }
  }

  #next(from: string, to: string): string {
    const number = (this.#numbers.get(`${from} ${to}`) ?? 0) + 1;
    this.#numbers.set(`${from} ${to}`, number);
    return numbered({ from, to, number });
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #burst(most: number): unknown[] {
    return Array.from({ length: Math.min(most, this.#options.random.between(1, MOST_AT_ONCE)) });
  }

  async #pause(): Promise<void> {
    await this.#wait(this.#options.random.between(PAUSE.least, PAUSE.most));
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
