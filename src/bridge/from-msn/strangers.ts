import { isAcquaintance, type Roster } from "../../msn/index.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import type { Depth } from "../../store/backlog.ts";
import type { PortalRow, Standing } from "../../store/portals.ts";
import type { LoginPortals } from "../portal/login-portals.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { HeldBack } from "./held-back.ts";

// How many rooms strangers of one login may have made in any minute.
const ROOMS = { burst: 20, everyMs: 3000, isStrict: true };
// How many of them are shown coming to groups.
const ARRIVALS = { burst: 20, everyMs: 3000, isStrict: true };
// What is kept of those who have to wait: of each of them, and of how many.
const MOST_OF_EACH: Depth = { rows: 100, bytes: 32 * 1024 };
const MOST_HELD = 500;
const HOUR_MS = 60 * 60_000;

interface StrangersScope extends Pick<LoginScope, "row" | "settings" | "store" | "clock" | "log"> {
  readonly session: { readonly roster: Pick<Roster, "contacts"> | undefined };
}

/** How a chat is taken in; undefined: what is said there is not kept. */
type Admission = Standing | undefined;

/**
 * Limits what those can do to whom the owner has nothing to do with: who is neither a contact nor allowed (docs/msnp.md 3.3),
 * and whose room the owner has neither gone to nor asked for.
 *
 * ```
 *                     ┌─► stranger: has a room ── the owner comes, writes ──────┐
 *   says something ───┤      │ the owner leaves                                 ▼
 *                     └─► held: is kept ────────── opens, adds, starts it ───► open
 *                            └──────────────────── ignores ► ignored
 * ```
 *
 * Accounts cost nothing, so whoever wants to can be hundreds of strangers. They share one budget of rooms for each login.
 * What is said beyond it is on disk, as all else that is to be shown, and waits for a word of the owner (`HeldBack`).
 */
export class Strangers {
  readonly #scope: StrangersScope;
  readonly #portals: LoginPortals;
  readonly #heldBack: HeldBack;
  readonly #rooms: RateLimit;
  readonly #arrivals: RateLimit;
  #ignored = 0;

  constructor(scope: StrangersScope, portals: LoginPortals, heldBack: HeldBack) {
    this.#scope = scope;
    this.#portals = portals;
    this.#heldBack = heldBack;
    this.#rooms = new RateLimit(scope.clock, ROOMS);
    this.#arrivals = new RateLimit(scope.clock, ARRIVALS);
  }

  /** How many messages were ignored since the start. */
  get ignored(): number {
    return this.#ignored;
  }

  /** Whether somebody unknown is shown coming to a group: each is a new user of the homeserver. Who speaks is shown anyway. */
  mayCome(): boolean {
    return this.#arrivals.take();
  }

  /** Whether the owner knows none of these accounts. Without a session nobody can say. */
  areUnknown(accounts: readonly string[]): boolean {
    const { roster } = this.#scope.session;
    return roster !== undefined && !accounts.some((account) => isAcquaintance(roster, account));
  }

  /** Somebody may be known by now: what waits of them is shown. */
  welcomeKnown(): void {
    const { session, store, row: login } = this.#scope;
    if (session.roster === undefined) return;
    const rows = (["held", "stranger", "ignored"] as const).flatMap((one) => store.portals.listStanding(login.id, one));
    const known = rows.filter(({ id, kind, remote }) => {
      return !this.areUnknown(kind === "direct" ? [remote] : store.portalMembers.list(id));
    });
    for (const row of known) this.#portals.welcome(row);
    if (known.length > 0) this.#heldBack.changed();
  }

  /**
   * Something is said in a chat whose people are unknown.
   * @param row the portal, if there is one
   */
  admit(row: PortalRow | undefined): Admission {
    if (row?.standing === "open") return "open";
    const { settings, store } = this.#scope;
    if (row !== undefined) this.#noteHeard(row);
    // Its room is there, or on its way.
    if (row?.standing === "stranger" && (row.roomId !== null || !row.dismissed)) return "stranger";
    if (row?.standing === "ignored" || settings.strangers === "ignore") return this.#ignore();
    if (row?.standing === "held") return this.#isFull(row) ? this.#refuse() : this.#hold();
    if (settings.strangers === "room" && this.#rooms.take()) {
      if (row !== undefined) store.portals.setStanding(row.id, "stranger");
      return "stranger";
    }
    if (store.portals.countHeld(this.#scope.row.id) >= MOST_HELD) return this.#refuse();
    if (row !== undefined) store.portals.setStanding(row.id, "held");
    return this.#hold();
  }

  // Often enough for days to be counted, and rarely enough to cost nothing.
  #noteHeard({ id, heard }: PortalRow): void {
    const { portals, run } = this.#scope.store;
    if (heard === 0 || run.totalMs - heard > HOUR_MS) portals.setHeard(id, run.totalMs);
  }

  #isFull({ id }: PortalRow): boolean {
    const { rows, bytes } = this.#scope.store.backlog.of("to-matrix", id);
    return rows >= MOST_OF_EACH.rows || bytes >= MOST_OF_EACH.bytes;
  }

  #hold(): Admission {
    this.#heldBack.changed();
    return "held";
  }

  #refuse(): Admission {
    this.#heldBack.refused();
    return undefined;
  }

  #ignore(): Admission {
    this.#ignored += 1;
    this.#scope.log.debug({ login: this.#scope.row.id }, "what a stranger says is ignored");
    return undefined;
  }
}
