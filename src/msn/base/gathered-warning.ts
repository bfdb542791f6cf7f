import { RateLimit } from "../../util/rate-limit.ts";
import type { MsnScope } from "./scope.ts";

// Enough to know that it goes on.
const LINES = { burst: 1, everyMs: 60_000 };

/**
 * A line of the log that others can have us write as often as they like: written at once, and then once a minute at most,
 * with how often it has happened since. With the level `debug` each is a line.
 */
export class GatheredWarning {
  readonly #scope: Pick<MsnScope, "log">;
  readonly #message: string;
  readonly #lines: RateLimit;
  #times = 0;

  constructor(scope: Pick<MsnScope, "clock" | "log">, message: string) {
    this.#scope = scope;
    this.#message = message;
    this.#lines = new RateLimit(scope.clock, LINES);
  }

  /** @param fields of this time */
  add(fields: object = {}): void {
    this.#times += 1;
    if (!this.#lines.take()) {
      this.#scope.log.debug(fields, this.#message);
      return;
    }
    this.#scope.log.warn({ ...fields, times: this.#times }, this.#message);
    this.#times = 0;
  }
}
