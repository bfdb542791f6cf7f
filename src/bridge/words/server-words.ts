import type { Notice } from "../../msn/index.ts";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { OnceAnHour } from "../base/once-an-hour.ts";
import { cleanText, cutToBytes } from "../../convert/text/clean.ts";
import { goingDown, offlineMessages, serverSays } from "./server-sentences.ts";

export interface ServerWordsOptions {
  readonly login: number;
  /** What people call the network. */
  readonly server: string;
  readonly nameOf: (contact: string) => string;
  readonly tellOwner: (sentence: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const MINUTE_MS = 60_000;
const MAX_TEXT_BYTES = 4000;
const MAX_AN_HOUR = 60;
const MAX_MINUTES = 60 * 24 * 31;

/** Passes on what a server says to people; what it repeats is told once an hour. */
export class ServerWords {
  readonly #options: ServerWordsOptions;
  readonly #told: OnceAnHour;

  constructor(options: ServerWordsOptions) {
    this.#options = options;
    this.#told = new OnceAnHour(options.clock, MAX_AN_HOUR);
  }

  /** @throws what the disk throws, when it cannot be written down that something is to be told */
  take(notice: Notice): void {
    const { server, clock, log, login, nameOf } = this.#options;
    switch (notice.type) {
      case "maintenance":
        return this.#tell("maintenance", goingDown(server, timeOf(notice.minutes, clock.now())));
      case "text":
      case "alert": {
        const text = cutToBytes(cleanText(notice.text).trim(), MAX_TEXT_BYTES);
        if (text !== "") this.#tell(`text ${text}`, serverSays(server, text));
        return;
      }
      case "offline-messages":
        return this.#tell(`offline ${notice.from.join(" ")}`, offlineMessages(server, notice.from.map(nameOf)));
      case "unknown":
        log.info({ login, contentType: notice.contentType }, "the server said something of an unknown kind");
        return;
      // Of the account, and of a mailbox that is not this bridge's concern.
      case "profile":
      case "mailbox":
      case "mail":
      case "mail-moved":
        log.debug({ login, notice: notice.type }, "a notice of this kind does not cross");
    }
  }

  #tell(what: string, sentence: string): void {
    const { tellOwner, log, login } = this.#options;
    const isTold = this.#told.tell(what, () => tellOwner(sentence));
    if (!isTold) log.warn({ login }, "the server says too much, so that not all of it is told");
  }
}

function timeOf(minutes: number, now: number): number | undefined {
  return minutes >= 0 && minutes <= MAX_MINUTES ? now + minutes * MINUTE_MS : undefined;
}
