import { createHash, randomInt } from "node:crypto";

import type { Clock, Timer } from "../../util/clock.ts";

// Product ids and keys of the MD5 challenge (docs/msnp.md 3.7).
const PRODUCT_KEYS: ReadonlyMap<string, string> = new Map([
  ["msmsgs@msnmsgr.com", "Q1P7W2E4J9R8U3S5"],
  ["PROD0038W!61ZTF9", "VT6PX?UQTM4WM%YR"],
]);
const TIME_TO_ANSWER = 50_000;

interface ChallengeOptions {
  readonly clock: Clock;
  /** From a right answer to the next challenge, in milliseconds. */
  readonly everyMs: number;
  readonly ask: (text: string) => void;
  readonly late: () => void;
}

/** Asks a client again and again to prove that it is one. */
export class Challenges {
  readonly #options: ChallengeOptions;
  #text: string | undefined;
  #timer: Timer | undefined;

  constructor(options: ChallengeOptions) {
    this.#options = options;
  }

  ask(): void {
    this.#text = Array.from({ length: 20 }, () => randomInt(10)).join("");
    this.#timer = this.#options.clock.after(TIME_TO_ANSWER, this.#options.late);
    this.#options.ask(this.#text);
  }

  /** Whether this is the answer that was waited for. */
  isAnsweredBy(product: string, response: string): boolean {
    const key = PRODUCT_KEYS.get(product);
    if (this.#text === undefined || key === undefined || response !== md5(this.#text + key)) return false;
    this.stop();
    this.#timer = this.#options.clock.after(this.#options.everyMs, () => this.ask());
    return true;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#text = undefined;
  }
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
