import { later, type Timer } from "../../util/clock.ts";
import { commitWithRetry } from "../base/commit.ts";
import type { AccountScope } from "../session/account-scope.ts";
import { STEADY_MS } from "../session/redial.ts";
import { backAgain, givenUp, noConnection, keepsBreaking, whyDown } from "../words/outages.ts";
import type { SessionState } from "../session/session.ts";

// Connections break all the time, and are back in seconds.
const PATIENCE_MS = 3 * 60_000;
// So many breaks in a row, each before the connection was steady again, are no accident.
const BREAKS = 3;
// Longer than the longest pause between two tries: then there is no connection, whatever it did before.
const LONG_PAUSE_MS = 10 * 60_000;

/** A time of trouble: from a break until a connection has lasted. */
interface Trouble {
  readonly since: number;
  breaks: number;
  /** Whether there is no connection at this moment. */
  isDown: boolean;
  /** Which of the two sentences was said last and still holds. */
  told?: "down" | "breaking" | undefined;
  reason: string;
  /** Cancelled when it is over. */
  readonly timers: Timer[];
}

/**
 * Tells the owner of a login that its connection is down, or keeps breaking: one notice for each time of trouble, edited
 * when that changes, and only if it lasts.
 */
export class Outage {
  readonly #scope: AccountScope;
  readonly #about: string;
  #trouble: Trouble | undefined;
  /** Changes with every state, so that a timer knows whether anything has happened since it was set. */
  #connection: object = {};

  constructor(scope: AccountScope) {
    this.#scope = scope;
    this.#about = `outage/${scope.row.id}`;
  }

  /** What the session does now. */
  see(state: SessionState): void {
    // When the bridge stops no user has to be told that accounts are signed out.
    if (this.#scope.signal.aborted) return;
    switch (state.type) {
      case "waiting":
      case "hindered":
        this.#broke();
        if (this.#trouble !== undefined) this.#trouble.reason = whyDown(state.error, this.#scope.network.name);
        return;
      case "connecting":
        return this.#broke();
      case "connected":
        return this.#connected();
      case "stopped":
      case "logged-out":
        return this.#end(givenUp);
    }
  }

  #broke(): void {
    const now = this.#scope.clock.now();
    const trouble = (this.#trouble ??= {
      since: now,
      breaks: 0,
      isDown: false,
      reason: "",
      timers: [],
    });
    if (trouble.isDown) return;
    trouble.isDown = true;
    trouble.breaks += 1;
    const connection = (this.#connection = {});
    const isDownStill = (): boolean => this.#connection === connection;
    const { calendar } = this.#scope;
    this.#later(trouble, PATIENCE_MS, () => {
      const { since, breaks, reason } = trouble;
      if (breaks >= BREAKS) this.#say(trouble, "breaking", keepsBreaking(calendar.dateOf(since), reason));
      else if (isDownStill()) this.#say(trouble, "down", noConnection(calendar.dateOf(now), reason));
    });
    this.#later(trouble, LONG_PAUSE_MS, () => {
      if (isDownStill()) this.#say(trouble, "down", noConnection(calendar.dateOf(now), trouble.reason));
    });
  }

  #connected(): void {
    const { calendar, clock } = this.#scope;
    const now = clock.now();
    const trouble = this.#trouble;
    // What an earlier run has told is over as well.
    if (trouble?.told !== "breaking") this.#over(backAgain(calendar.dateOf(now)));
    if (trouble === undefined) return;
    if (trouble.told === "down") trouble.told = undefined;
    trouble.isDown = false;
    const connection = (this.#connection = {});
    this.#later(trouble, STEADY_MS, () => {
      if (this.#connection === connection) this.#end(() => backAgain(calendar.dateOf(now)));
    });
  }

  #end(sentence: () => string): void {
    for (const timer of this.#trouble?.timers ?? []) timer.cancel();
    this.#trouble = undefined;
    this.#over(sentence());
  }

  #later({ timers }: Trouble, ms: number, run: () => void): void {
    const { clock, signal } = this.#scope;
    const timer = later(clock, ms, signal, () => {
      timers.splice(timers.indexOf(timer), 1);
      run();
    });
    timers.push(timer);
  }

  #say(trouble: Trouble, what: NonNullable<Trouble["told"]>, sentence: string): void {
    if (trouble.told === what) return;
    trouble.told = what;
    this.#tell(sentence);
  }

  #over(sentence: string): void {
    if (this.#scope.notices.hasTold(this.#about)) this.#tell(sentence, true);
  }

  #tell(sentence: string, isLast = false): void {
    const { row, network, notices } = this.#scope;
    const topic = { about: this.#about, isLast };
    // The session does not end because the disk does not take it.
    commitWithRetry(this.#scope, () =>
      notices.tell(row.owner, `${row.passport} on ${network.name}: ${sentence}`, topic),
    );
  }
}
