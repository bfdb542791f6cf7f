/** How long nothing may arrive before what is missing counts as lost, in milliseconds. */
const STALL_MS = 60_000;

import { z } from "zod";

/** The numbers of the messages that each conversation has received, in the order in which they came. */
type Received = Readonly<Record<string, readonly number[]>>;

export const received: z.ZodType<Received> = z.record(z.string(), z.array(z.number()));

/** Counts messages where they arrive. A message begins with its number. */
export class Tally {
  #received = new Map<string, number[]>();
  #count = 0;
  #last = 0;
  #wanted: { count: number; done: PromiseWithResolvers<void> } | undefined;

  add(conversation: string, text: string): void {
    const number = Number(/^\d+/u.exec(text)?.[0] ?? Number.NaN);
    const numbers = this.#received.get(conversation);
    if (numbers === undefined) this.#received.set(conversation, [number]);
    else numbers.push(number);
    this.#count += 1;
    this.#last = Date.now();
    if (this.#wanted !== undefined && this.#count >= this.#wanted.count) this.#wanted.done.resolve();
  }

  /**
   * Resolves once so many have arrived, or nothing has for long. What is missing then shows in `take`.
   * @returns when the last one came, in milliseconds since the epoch
   */
  async until(count: number): Promise<number> {
    const done = Promise.withResolvers<void>();
    this.#wanted = { count, done };
    if (this.#count >= count) done.resolve();
    let before = -1;
    const watch = setInterval(() => {
      if (before === this.#count) done.resolve();
      before = this.#count;
    }, STALL_MS);
    await done.promise;
    clearInterval(watch);
    return this.#last;
  }

  /** What has arrived since the last time. */
  take(): Received {
    const all = Object.fromEntries(this.#received);
    this.#received = new Map();
    this.#count = 0;
    return all;
  }
}

/**
 * Each of these conversations has got the numbers from `first` on, each once and in order, and nobody else anything.
 * @throws Error that says what is missing, doubled or out of order
 */
export function mustBeWhole(all: Received, conversations: readonly string[], first: number, count: number): void {
  const problems = [
    ...Object.keys(all).flatMap((name) => (conversations.includes(name) ? [] : [`${name}: nobody wrote there`])),
    ...conversations.flatMap((name) => problemsOf(all[name] ?? [], first, count).map((one) => `${name}: ${one}`)),
  ];
  if (problems.length > 0) throw new Error(`${problems.length} faults\n${problems.slice(0, 20).join("\n")}`);
}

function problemsOf(numbers: readonly number[], first: number, count: number): string[] {
  const seen = new Set(numbers);
  const missing = Array.from({ length: count }, (_, at) => first + at).filter((number) => !seen.has(number));
  const doubled = numbers.filter((number, at) => numbers.indexOf(number) !== at);
  const strange = numbers.filter((number) => !(number >= first && number < first + count));
  const isOrdered = numbers.every((number, at) => at === 0 || number >= (numbers[at - 1] ?? number));
  return [
    ...(missing.length > 0 ? [`missing: ${missing.slice(0, 10).join(", ")} (${missing.length})`] : []),
    ...(doubled.length > 0 ? [`doubled: ${doubled.slice(0, 10).join(", ")} (${doubled.length})`] : []),
    ...(strange.length > 0 ? [`never sent: ${strange.slice(0, 10).join(", ")} (${strange.length})`] : []),
    ...(isOrdered ? [] : ["out of order"]),
  ];
}
