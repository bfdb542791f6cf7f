import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Child } from "./child.ts";
import { numbered, type Sent } from "./facts.ts";
import type { Random } from "./random.ts";

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

const opened = z.object({ room: z.string(), owner: z.string(), contact: z.string() });

const MOST_AT_ONCE = 3;
const PAUSE = { least: 150, most: 900 };
// After a contact could not be handed her words; the bridge is away then.
const RETRY_MS = 300;
// How often a newcomer tries to say her first words.
const TRIES = 100;
const ANSWERS = 2;

/** Numbered messages in both directions, for as long as it is not stopped. */
export class Traffic {
  readonly #options: TrafficOptions;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #numbers = new Map<string, number>();
  readonly sent: Sent[] = [];
  /** How often a contact could not be handed her words because nobody was there. */
  refused = 0;
  newcomers = 0;

  constructor(options: TrafficOptions) {
    this.#options = options;
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
      const says = this.#burst().map(async () => this.#say(contact, person));
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
      for (const _ of this.#burst()) {
        const text = this.#next(person, contact);
        const eventId = await this.#options.homeserver.ask(z.string(), "say", [person, room, text]);
        this.sent.push({ text, eventId });
        count += 1;
      }
      await this.#pause();
    }
  }

  /** Whether she could be handed it. */
  async #say(contact: string, person: string): Promise<boolean> {
    try {
      await this.#options.sandbox.order("say", [contact, `${person}@example.com`, this.#next(contact, person)]);
      return true;
    } catch {
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

  #burst(): unknown[] {
    return Array.from({ length: this.#options.random.between(1, MOST_AT_ONCE) });
  }

  async #pause(): Promise<void> {
    await this.#wait(this.#options.random.between(PAUSE.least, PAUSE.most));
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
