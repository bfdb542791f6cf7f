import { labelOfChat } from "../../convert/names.ts";
import { accountKey } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import { later } from "../../util/clock.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { commitWithRetry } from "../base/commit.ts";
import type { LoginPortals } from "../portal/login-portals.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import { nobodyWaits, peopleWait } from "../words/strangers.ts";

// Those who come together are told together, and those who come later not more often than this.
const GATHER_MS = 2000;
const PAUSE_MS = 30_000;
const NAMED = 10;
// The homeserver has other things to do than to make hundreds of rooms at once.
const OPENING = { burst: 20, everyMs: 500 };

/**
 * What strangers have said and nobody has asked for: it is in the journal, and its portals are `held`. The owner gets one
 * notice about all of them, which is edited as more come, and decides. All of it is on disk, so a restart changes nothing.
 */
export class HeldBack {
  readonly #scope: LoginScope;
  readonly #portals: LoginPortals;
  readonly #about: string;
  readonly #pace: RateLimit;
  #unkept = 0;
  #isTelling = false;
  #toldAt = -Infinity;
  #told = "";

  constructor(scope: LoginScope, portals: LoginPortals) {
    this.#scope = scope;
    this.#portals = portals;
    this.#about = `strangers/${scope.row.id}`;
    this.#pace = new RateLimit(scope.clock, OPENING);
  }

  /** The chats of those who wait, oldest first. */
  list(): PortalRow[] {
    return this.#scope.store.portals.listWaiting(this.#scope.row.id);
  }

  /** What a chat is called in sentences. */
  label(row: PortalRow): string {
    const { names, store } = this.#scope;
    const people = row.kind === "direct" ? [row.remote] : store.portalMembers.list(row.id);
    return labelOfChat(people, (account) => names.nameOf(account));
  }

  /** There is more that waits, or less. */
  changed(): void {
    const { clock, signal } = this.#scope;
    if (this.#isTelling) return;
    this.#isTelling = true;
    const wait = Math.max(GATHER_MS, this.#toldAt + PAUSE_MS - clock.now());
    later(clock, wait, signal, () => {
      this.#isTelling = false;
      this.#toldAt = clock.now();
      // What strangers do must not end the session.
      commitWithRetry(this.#scope, () => this.#tell());
    });
  }

  /** Something that was said could not be kept. */
  refused(): void {
    this.#unkept += 1;
    this.changed();
  }

  /** What is said there from now on, and what was not read, waits for the owner. */
  hold({ id }: PortalRow): void {
    this.#scope.store.portals.setStanding(id, "held");
    this.changed();
  }

  /** A session begins: an earlier run may not have come to tell. */
  resume(): void {
    if (this.list().length > 0 && !this.#scope.notices.hasTold(this.#about)) this.changed();
  }

  /** The owner wants these chats: their rooms are made, one after the other, and show what was said. */
  open(rows: readonly PortalRow[]): void {
    const { store, row } = this.#scope;
    store.batch(() => {
      for (const { id } of rows) store.portals.setStanding(id, "open");
      store.logins.setUnkept(row.id, 0);
    });
    void this.#wakeAll(rows);
    this.#tellSoon();
  }

  /** The owner wants none of these chats, nor what else is said there. */
  ignore(rows: readonly PortalRow[]): void {
    const { store, row } = this.#scope;
    store.batch(() => {
      for (const { id } of rows) {
        store.portals.setStanding(id, "ignored");
        for (
          let next = store.journal.next("to-matrix", id);
          next !== undefined;
          next = store.journal.next("to-matrix", id)
        )
          store.journal.settle(next.id, "skipped", "ignored");
      }
      store.logins.setUnkept(row.id, 0);
    });
    this.#tellSoon();
  }

  // The owner waits for it, having just decided.
  #tellSoon(): void {
    this.#unkept = 0;
    this.#toldAt = -Infinity;
    this.changed();
  }

  // After a restart all of them are woken anyway.
  async #wakeAll(rows: readonly PortalRow[]): Promise<void> {
    const { signal } = this.#scope;
    for (const row of rows) {
      await this.#pace.turn(Number.POSITIVE_INFINITY, signal);
      if (signal.aborted) return;
      this.#portals.of(row).wake();
    }
  }

  #tell(): void {
    const { store, notices, row } = this.#scope;
    const waiting = this.list();
    const isTold = notices.hasTold(this.#about);
    if (waiting.length === 0 && this.#unkept === 0) {
      if (isTold) notices.tell(row.owner, nobodyWaits(row.passport), { about: this.#about, isLast: true });
      this.#told = "";
      return;
    }
    const groups = waiting.filter(({ kind }) => kind === "group").length;
    const unkept = store.logins.unkept(row.id) + this.#unkept;
    const text = peopleWait({
      passport: row.passport,
      named: waiting.slice(0, NAMED).map((one) => this.label(one)),
      people: waiting.length - groups,
      groups,
      unkept,
    });
    if (text === this.#told) return;
    const login = `${row.server}/${accountKey(row.passport)}`;
    store.batch(() => {
      store.logins.setUnkept(row.id, unkept);
      notices.tell(row.owner, text, {
        about: this.#about,
        answers: [
          ["✅", `strangers open all ${login}`],
          ["❌", `strangers ignore all ${login}`],
        ],
      });
    });
    this.#told = text;
    this.#unkept = 0;
  }
}
