import { z } from "zod";
import { sharedNow } from "./clock.ts";

/** How long nothing may arrive before what is missing counts as lost, in milliseconds. */
const STALL_MS = 60_000;

const arrivals = z.array(z.tuple([z.int(), z.number()]));
export const received = z.record(z.string(), arrivals);
/** What arrived in each conversation, in order: the number of a message, and when it came by the shared clock. */
export type Received = z.output<typeof received>;

/** The numbers that each conversation must get, in this order. */
export type Expected = ReadonlyMap<string, readonly number[]>;

/** Counts messages where they arrive. A message begins with its number. */
export class Tally {
  #received = new Map<string, [number: number, at: number][]>();
  #last = 0;
  #wanted: { count: number; done: PromiseWithResolvers<void> } | undefined;
  /** Told of every one, with its conversation. */
  onArrival?: (conversation: string) => void;
  /** How many have arrived since they were taken. */
  count = 0;

  add(conversation: string, text: string): void {
    this.#last = sharedNow();
    const arrival: [number, number] = [Number(/^\d+/u.exec(text)?.[0] ?? -1), this.#last];
    const arrived = this.#received.get(conversation);
    if (arrived === undefined) this.#received.set(conversation, [arrival]);
    else arrived.push(arrival);
    this.count += 1;
    this.onArrival?.(conversation);
    if (this.#wanted !== undefined && this.count >= this.#wanted.count) this.#wanted.done.resolve();
  }

  /**
   * Resolves once so many have arrived, or nothing has for long. What is missing then shows in `take`.
   * @returns when the last one came
   */
  async until(count: number): Promise<number> {
    const done = Promise.withResolvers<void>();
    this.#wanted = { count, done };
    if (this.count >= count) done.resolve();
    let before = -1;
    const watch = setInterval(() => {
      if (before === this.count) done.resolve();
      before = this.count;
    }, STALL_MS);
    await done.promise;
    clearInterval(watch);
    return this.#last;
  }

  /** What has arrived since the last time. */
  take(): Received {
    const all = Object.fromEntries(this.#received);
    this.#received = new Map();
    this.count = 0;
    return all;
  }
}

/** Each of these conversations gets the same numbers. */
export function everywhere(conversations: readonly string[], first: number, count: number): Expected {
  const numbers = Array.from({ length: count }, (_, at) => first + at);
  return new Map(conversations.map((name) => [name, numbers]));
}

/** One number after the other, each in the next conversation. */
export function inTurn(conversations: readonly string[], first: number, count: number): Expected {
  const own = (at: number): number[] =>
    Array.from({ length: count }, (_, number) => number)
      .filter((number) => number % conversations.length === at)
      .map((number) => first + number);
  return new Map(conversations.map((name, at) => [name, own(at)]));
}

/** @throws Error that says what is missing, doubled, out of order or where nobody wrote */
export function mustBeWhole(all: Received, expected: Expected): void {
  const problems = [
    ...Object.keys(all).flatMap((name) => (expected.has(name) ? [] : [`${name}: nobody wrote there`])),
    ...[...expected].flatMap(([name, numbers]) => {
      const came = (all[name] ?? []).map(([number]) => number);
      return problemsOf(came, numbers).map((problem) => `${name}: ${problem}`);
    }),
  ];
  if (problems.length > 0) throw new Error(`${problems.length} faults\n${problems.slice(0, 20).join("\n")}`);
}

function problemsOf(numbers: readonly number[], expected: readonly number[]): string[] {
  const seen = new Set<number>();
  const doubled = numbers.filter((number) => seen.size === seen.add(number).size);
  const wanted = new Set(expected);
  const isOrdered = numbers.every((number, at) => at === 0 || number >= (numbers[at - 1] ?? number));
  return [
    ...some(
      "missing",
      expected.filter((number) => !seen.has(number)),
    ),
    ...some("doubled", doubled),
    ...some(
      "never sent",
      numbers.filter((number) => !wanted.has(number)),
    ),
    ...(isOrdered ? [] : ["out of order"]),
  ];
}

function some(what: string, numbers: readonly number[]): string[] {
  return numbers.length === 0 ? [] : [`${what}: ${numbers.slice(0, 10).join(", ")} (${numbers.length})`];
}
