import { unlessRefused } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Store } from "../../store/store.ts";
import { later } from "../../util/clock.ts";
import type { WaitScope } from "../base/retry.ts";
import type { BaseScope } from "../base/scope.ts";
import type { Logins } from "./logins.ts";
import type { Alerts } from "../../ops/alerts.ts";
import { time } from "../words/time.ts";
import type { Calendar } from "../../util/calendar.ts";

/** The users who have an MSN account signed in here. */
export class Owners {
  readonly #scope: BaseScope;
  readonly #logins: Logins;

  constructor(scope: BaseScope, logins: Logins) {
    this.#scope = scope;
    this.#logins = logins;
  }

  all(): readonly string[] {
    return this.#logins.signedIn();
  }

  /** Whether a user has joined one of the rooms of this bridge; to be invited is not enough. @throws MatrixError */
  async isThere(owner: string): Promise<boolean> {
    const { store, bot } = this.#scope;
    for (const { roomId } of store.managementRooms.listByOwner(owner).toReversed())
      if (await hasJoined(bot, roomId, owner)) return true;
    for (const login of this.#logins.of(owner)) {
      for (const row of login.portals.list())
        if (row.roomId !== null && (await hasJoined(login.mainIntentOf(row), row.roomId, owner))) return true;
    }
    return false;
  }

  async signOut(owner: string): Promise<void> {
    for (const login of this.#logins.of(owner))
      if (this.#logins.isKept(login)) await this.#logins.signOut(login, "keep");
  }
}

async function hasJoined(user: UserIntent, roomId: string, owner: string): Promise<boolean> {
  return (await user.membership(roomId, owner).catch(unlessRefused)) === "join";
}

interface AbsenceScope extends WaitScope {
  readonly store: Pick<Store, "run" | "said">;
  readonly calendar: Calendar;
  readonly alerts: Pick<Alerts, "alert" | "over">;
}

const EVERY_MS = 30 * 60_000;
const PATIENCE_MS = 24 * 60 * 60_000;
const SINCE = "absent since ";

/**
 * Looks now and then whether every user is still in a room of this bridge. One whose account was deactivated, or who has
 * left every room, reads no message: contacts would go on writing to them. The admins are told, and a day later the MSN
 * accounts are signed out: a day for which the bridge ran, whatever the machine's date is set to. Since when a user is
 * missed is on disk.
 */
export class AbsenceWatch {
  readonly #scope: AbsenceScope;
  readonly #owners: Pick<Owners, "all" | "isThere" | "signOut">;

  constructor(scope: AbsenceScope, owners: Pick<Owners, "all" | "isThere" | "signOut">) {
    this.#scope = scope;
    this.#owners = owners;
  }

  start(): void {
    const { clock, log, signal } = this.#scope;
    later(clock, EVERY_MS, signal, () => {
      this.#lookForAll()
        .catch((error: unknown) => log.debug({ error }, "it could not be seen who is in the rooms of this bridge"))
        .finally(() => this.start());
    });
  }

  // What cannot be seen, or done, for one user does not keep the others from being looked for.
  async #lookForAll(): Promise<void> {
    const { signal, log } = this.#scope;
    for (const owner of this.#owners.all()) {
      await this.#lookFor(owner).catch((error: unknown) =>
        log.debug({ error, owner }, "it could not be seen whether a user is in a room of this bridge"),
      );
      if (signal.aborted) return;
    }
  }

  async #lookFor(owner: string): Promise<void> {
    const isThere = await this.#owners.isThere(owner);
    if (this.#scope.signal.aborted) return;
    if (isThere) this.#isBack(owner);
    else await this.#isMissed(owner);
  }

  #isBack(owner: string): void {
    const { store, alerts } = this.#scope;
    const mark = this.#markOf(owner);
    if (mark === undefined) return;
    store.said.forget(owner, mark);
    alerts.over(`absent ${owner}`, `${owner} is in a room of this bridge again.`);
  }

  async #isMissed(owner: string): Promise<void> {
    const { store, alerts, calendar, clock, log } = this.#scope;
    const ran = store.run.totalMs;
    const mark = this.#markOf(owner);
    const since = Number(mark?.slice(SINCE.length));
    // Earlier versions wrote dates, which are beyond any time that a bridge has run.
    if (mark !== undefined && since > ran) store.said.forget(owner, mark);
    if (mark === undefined || since > ran) {
      store.said.once(owner, `${SINCE}${ran}`);
      const sentence =
        `${owner} is in no room of this bridge any more; perhaps the account was deactivated. ` +
        `Their MSN accounts are signed out after ${time(calendar.dateOf(clock.now() + PATIENCE_MS))} unless they come back.`;
      return alerts.alert(`absent ${owner}`, sentence);
    }
    if (ran - since < PATIENCE_MS) return;
    await this.#owners.signOut(owner);
    store.said.forget(owner, mark);
    log.warn({ owner }, "a user was in no room of this bridge for a day, so that their MSN accounts were signed out");
  }

  #markOf(owner: string): string | undefined {
    return this.#scope.store.said.list(owner).find((what) => what.startsWith(SINCE));
  }
}
