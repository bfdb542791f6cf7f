import type { Gathered, GatheredRow } from "../../store/gathered.ts";
import { later, type Timer } from "../../util/clock.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { commitWithRetry } from "../base/commit.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import { manyThings, type GatheredKind } from "../words/gathered.ts";
import type { PortalRoom } from "./portal-room.ts";

/** What a portal's notices need of it. */
type NoticeScope = Pick<LoginScope, "store" | "clock" | "calendar" | "signal" | "log" | "row">;

interface NoticePortal {
  readonly portalId: number;
  readonly room: Pick<PortalRoom, "say" | "show">;
  /** The portal, which must not be forgotten while something is to be told. */
  readonly whole: object;
}

/** Something that was not done, and has to be told. */
export interface NotDone {
  readonly kind: GatheredKind;
  /** Those with the same are told together. */
  readonly reason: string;
  /** What is said of it where it is told by itself. */
  readonly sentence: string;
  /** The row that can be sent again, and the event that is answered. */
  readonly row?: { readonly id: number; readonly eventId: string | null };
  /** It may have been done all the same. */
  readonly isUncertain?: boolean;
}

// So many in a row are told one by one, and one more after each wait. People who type get an answer to each message.
const ALONE = { burst: 5, everyMs: 12_000 };
// For how long things are gathered in one notice, and for how long where they are more than people do.
const [SPAN_MS, FLOOD_MS, FLOOD] = [60_000, 10 * 60_000, 100] as const;
// A notice is edited when it has been quiet for this long, or a part of its age.
const [EDIT_MS, EDIT_SHARE] = [3000, 0.1] as const;
// An edit waits until the homeserver has taken what came before.
const MOST_WAITING = 20;
const MOST_REASONS = 5;

/**
 * Tells in the room of a portal what was not done, so that nothing is silent and no flood of it makes one of notices: a few
 * are told one by one, and what comes on top is gathered in a notice that begins like the others and is edited.
 *
 * What is gathered is on disk with the commit that refuses it, so a crash loses nothing: the next run says what was not said.
 * The rows are kept with the notice, and sent again together. Where nothing is refused, none of this costs anything.
 */
export class GatheredNotices {
  readonly #scope: NoticeScope;
  readonly #portal: NoticePortal;
  readonly #alone: Readonly<Record<GatheredKind, RateLimit>>;
  /** The notices that still gather, if they are there: what began them may have been undone. */
  readonly #open = new Map<GatheredKind, number>();
  readonly #edits = new Map<number, Timer>();

  constructor(scope: NoticeScope, portal: NoticePortal) {
    const { clock } = scope;
    this.#scope = scope;
    this.#portal = portal;
    this.#alone = { "to-msn": new RateLimit(clock, ALONE), "from-msn": new RateLimit(clock, ALONE) };
  }

  /** Promised once this returns. To be called in the commit that refuses it. @throws what the disk throws */
  tell(refusal: NotDone): void {
    const { kind, sentence, row } = refusal;
    const open = this.#find(kind);
    if (open !== undefined) return this.#grow(open, refusal);
    if (this.#alone[kind].take()) this.#portal.room.say(sentence, row?.eventId);
    else this.#begin(refusal);
  }

  /** Says what an earlier run has gathered and not said. */
  resume(): void {
    for (const id of this.#scope.store.gathered.untold(this.#portal.portalId)) this.#edit(id);
  }

  #find(kind: GatheredKind): GatheredRow | undefined {
    const { store, calendar } = this.#scope;
    const id = this.#open.get(kind);
    const row = id === undefined ? undefined : store.gathered.find(id);
    const isOpen = row && calendar.ageOf(row.created) < (row.gathered.count > FLOOD ? FLOOD_MS : SPAN_MS);
    return isOpen === true ? row : undefined;
  }

  #begin(refusal: NotDone): void {
    const { store, row: login } = this.#scope;
    const { room, portalId } = this.#portal;
    const { kind, sentence, row } = refusal;
    store.batch(() => {
      const id = store.gathered.add(
        login.id,
        portalId,
        withOne({ kind, count: 0, uncertain: 0, reasons: [] }, refusal),
      );
      if (row !== undefined) store.gathered.addRow(id, row.id);
      const replyTo = row?.eventId ?? undefined;
      room.show({ type: "notice", text: sentence, gathered: id, ...(replyTo !== undefined && { replyTo }) });
      this.#open.set(kind, id);
    });
  }

  #grow({ id, created, gathered }: GatheredRow, refusal: NotDone): void {
    const { store, row: login, calendar } = this.#scope;
    store.batch(() => {
      store.gathered.grow(id, login.id, withOne(gathered, refusal));
      if (refusal.row !== undefined) store.gathered.addRow(id, refusal.row.id);
    });
    this.#editLater(id, Math.max(EDIT_MS, calendar.ageOf(created) * EDIT_SHARE));
  }

  #editLater(id: number, ms: number): void {
    const { clock, signal } = this.#scope;
    if (this.#edits.has(id)) return;
    const timer = later(clock, ms, signal, () => {
      this.#edits.delete(id);
      commitWithRetry(this.#scope, () => this.#edit(id));
    });
    this.#edits.set(id, timer);
  }

  #edit(id: number): void {
    const { store } = this.#scope;
    const { room, portalId } = this.#portal;
    if (store.journal.count("to-matrix", portalId) >= MOST_WAITING) return this.#editLater(id, EDIT_MS);
    const row = store.gathered.find(id);
    if (row === undefined || row.isTold) return;
    const { gathered, created: since } = row;
    store.batch(() => {
      room.show({ type: "notice", text: manyThings(gathered.kind, { since, ...gathered }), gathered: id });
      store.gathered.told(id);
    });
  }
}

function withOne(all: Gathered, { reason, sentence, isUncertain = false }: NotDone): Gathered {
  const reasons = all.reasons.map((one) =>
    one.reason === reason ? { ...one, count: one.count + 1, isSame: one.isSame && one.sentence === sentence } : one,
  );
  const isNew = reasons.length < MOST_REASONS && !reasons.some((one) => one.reason === reason);
  if (isNew) reasons.push({ reason, sentence, count: 1, isSame: true });
  return { kind: all.kind, count: all.count + 1, uncertain: all.uncertain + Number(isUncertain), reasons };
}
