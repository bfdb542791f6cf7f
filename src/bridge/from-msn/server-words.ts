import type { MsnError, Notice } from "../../msn/index.ts";
import { OnceAnHour } from "../base/once-an-hour.ts";
import { cleanText, cutToBytes } from "../../convert/text/clean.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import { goingDown, notFollowed, offlineMessages, saysTooMuch, serverSays } from "../words/server-sentences.ts";

const MINUTE_MS = 60_000;
const MAX_TEXT_BYTES = 4000;
const MAX_AN_HOUR = 20;
const MAX_MINUTES = 60 * 24 * 31;

/** Passes on what a server says to people; what it repeats is told once an hour. */
export class ServerWords {
  readonly #scope: LoginScope;
  readonly #told: OnceAnHour;
  readonly #leftOut: OnceAnHour;

  constructor(scope: LoginScope) {
    this.#scope = scope;
    this.#told = new OnceAnHour(scope.clock, MAX_AN_HOUR);
    this.#leftOut = new OnceAnHour(scope.clock, 1);
  }

  /** @throws what the disk throws, when it cannot be written down that something is to be told */
  take(notice: Notice): void {
    const { network, log, row, names } = this.#scope;
    const { name: server } = network;
    const login = row.id;
    switch (notice.type) {
      case "maintenance":
        return this.#tell("maintenance", goingDown(server, this.#dateOf(notice.minutes)));
      case "text":
      case "alert": {
        const text = cutToBytes(cleanText(notice.text).trim(), MAX_TEXT_BYTES);
        if (text !== "") this.#tell(`text ${text}`, serverSays(server, text));
        return;
      }
      case "offline-messages":
        return this.#tell(
          `offline ${notice.from.join(" ")}`,
          offlineMessages(
            server,
            notice.from.map((contact) => names.nameOf(contact)),
          ),
        );
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

  /** A contact called, and this bridge itself refused to go there. @throws as `take` */
  missedCall(contact: string, error: MsnError): void {
    const { network, names } = this.#scope;
    this.#tell(`missed ${error.code}`, notFollowed(network.name, names.nameOf(contact), error));
  }

  #dateOf(minutes: number): Date | undefined {
    const { calendar, clock } = this.#scope;
    return minutes >= 0 && minutes <= MAX_MINUTES ? calendar.dateOf(clock.now() + minutes * MINUTE_MS) : undefined;
  }

  #tell(what: string, sentence: string): void {
    const { notices, log, row, network } = this.#scope;
    const isTold = this.#told.tell(what, () => notices.tell(row.owner, sentence));
    if (isTold) return;
    log.warn({ login: row.id }, "the server says too much, so that not all of it is told");
    this.#leftOut.tell("", () => notices.tell(row.owner, saysTooMuch(network.name)));
  }
}
