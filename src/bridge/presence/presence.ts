import type { UserIntent } from "../../matrix/client/intent.ts";
import type { Status } from "../../msn/index.ts";
import type { GhostRoom, GhostRoomTable } from "../../store/ghost-rooms.ts";
import { later, sleep } from "../../util/clock.ts";
import { onAbort } from "../../util/on-abort.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import type { Activity } from "./activity.ts";
import { JournalWorker, type Job } from "../base/journal-worker.ts";
import { isAway, retry } from "../base/retry.ts";
import type { BaseScope } from "../base/scope.ts";
import type { SessionState } from "../session/state.ts";
import { GhostsInRooms } from "./ghosts-in-rooms.ts";
import { Joins } from "./joins.ts";
import { CHECK_EVERY_MS, PresenceCheck } from "./presence-check.ts";
import { LoginSightings, type SightingsListener } from "./login-sightings.ts";
import { presenceOf, type GhostPresence } from "./states.ts";
import { ToldPresences, type Told } from "./told.ts";

/** The ghosts whose presence is told. */
interface PresenceGhosts {
  userId(server: string, passport: string): string;
  byUserId(userId: string): Pick<UserIntent, "userId" | "setPresence" | "presence" | "membership">;
}

interface PresenceScope extends Pick<BaseScope, "settings" | "alerts" | "clock" | "log"> {
  readonly store: { readonly ghostRooms: Pick<GhostRoomTable, "list" | "ghosts"> };
}

const SWEEP_MS = 5000;

/**
 * Tells Matrix what the contacts of all logins do.
 *
 * The problem: thousands of contacts change their status at the same moment, above all when a network comes back; a
 * homeserver takes few presences a second, forgets each after about a minute, and shows nothing at all where presence is
 * switched off. Users forgive a presence that comes late, not one that lies.
 *
 * The rules: a change is only a mark on whom it is about, and what is told is what is so at that moment. Of several
 * logins that see a ghost the best status counts, so that blocking hides no contact. Changes go before refreshes, the oldest
 * first, and both keep to one pace for the whole bridge. Refreshed are only ghosts that an active user can see. Who was
 * seen by a session that ended is offline after a grace period, unless the next session sees them.
 *
 * | what                        | who knows it         |
 * | --------------------------- | -------------------- |
 * | what each login sees        | `LoginSightings`     |
 * | what the homeserver was told | `ToldPresences`     |
 * | who may be in a room        | `GhostsInRooms`      |
 * | who is active on Matrix     | `Activity`           |
 * | who has joined which room   | `Joins`              |
 * | whether presence is kept    | `PresenceCheck`      |
 */
export class Presence implements Job<string>, SightingsListener {
  readonly name = "presence of contacts";
  readonly #scope: PresenceScope;
  readonly #ghosts: PresenceGhosts;
  readonly #activity: Activity;
  readonly #sightings: LoginSightings;
  readonly #told = new ToldPresences();
  readonly #inRooms: GhostsInRooms;
  /** Who may have to be told of, since when by order. */
  readonly #changes = new Set<string>();
  /** Who is to be told of again, most urgent first. */
  #refreshes: string[] = [];
  readonly #worker: JournalWorker<string>;
  readonly #pace: RateLimit;
  readonly #check: PresenceCheck;
  readonly #joins: Joins;
  readonly #closing = new AbortController();
  #isSweeping = false;
  #isStopping = false;

  constructor(scope: PresenceScope, ghosts: PresenceGhosts, activity: Activity) {
    this.#scope = scope;
    this.#ghosts = ghosts;
    this.#activity = activity;
    const { clock, log } = scope;
    this.#sightings = new LoginSightings(clock, this);
    this.#inRooms = new GhostsInRooms(scope.store.ghostRooms);
    this.#worker = new JournalWorker({ clock, log, signal: this.#closing.signal }, this);
    const { perSecond } = scope.settings.presence;
    const burst = Math.max(1, Math.floor(perSecond));
    this.#pace = new RateLimit(clock, { burst, everyMs: 1000 / perSecond, isStrict: true });
    this.#check = new PresenceCheck(scope, this.#closing.signal);
    this.#joins = new Joins(clock);
  }

  /** A login sees a contact in a status. */
  see(loginId: number, server: string, contact: string, status: Status): void {
    if (this.#isStopping || !this.#scope.settings.presence.toMatrix) return;
    const userId = this.#ghosts.userId(server, contact);
    this.#sightings.see(loginId, userId, status);
    this.#changed([userId]);
  }

  /** The session of a login has begun or ended. If it comes back soon, Matrix is not told that it was gone. */
  session(loginId: number, state: SessionState["type"]): void {
    if (this.#isStopping || !this.#scope.settings.presence.toMatrix) return;
    this.#sightings.session(loginId, state);
  }

  unseen(userIds: readonly string[]): void {
    if (!this.#isStopping) this.#changed(userIds);
  }

  /** A ghost is in another room, so that users can see it who could not before. */
  roomOpened(userId: string): void {
    this.#inRooms.add(userId);
    this.#told.outdate(userId, this.#ownersOf(userId));
    this.#changed([userId]);
  }

  /**
   * Says that every ghost is offline, and ends.
   * @param patienceMs how long it may take; the homeserver forgets the others by itself
   */
  async stop(patienceMs: number): Promise<void> {
    this.#isStopping = true;
    const timer = this.#scope.clock.after(patienceMs, () => this.#closing.abort());
    this.#sightings.clear();
    this.#refreshes = [];
    // Those told of last, because the others may be forgotten already.
    for (const userId of this.#told.newestFirst()) this.#changes.add(userId);
    const ended = Promise.withResolvers<void>();
    onAbort(this.#closing.signal, ended.resolve);
    await Promise.race([this.#finish().catch(() => undefined), ended.promise]);
    timer.cancel();
    this.#closing.abort();
  }

  async #finish(): Promise<void> {
    await this.#worker.stop();
    const { signal } = this.#closing;
    await retry(() => this.#tellAll(), { clock: this.#scope.clock, signal, tries: Number.POSITIVE_INFINITY });
  }

  /** @throws MatrixError while the homeserver is away */
  async #tellAll(): Promise<void> {
    for (let userId = this.next(); userId !== undefined && !this.#closing.signal.aborted; userId = this.next()) {
      try {
        await this.work(userId);
      } catch (error) {
        if (isAway(error)) throw error;
        this.giveUp(userId, error);
      }
    }
  }

  #changed(userIds: readonly string[]): void {
    for (const userId of userIds) if (this.#mayBeChange(userId)) this.#changes.add(userId);
    this.#worker.wake();
  }

  next(): string | undefined {
    if (this.#check.isOff) return undefined;
    for (const userId of this.#changes) {
      if (this.#isChange(userId)) return userId;
      this.#changes.delete(userId);
    }
    return this.#refreshes[0];
  }

  /** Tells of the next one when it is time. @throws MatrixError */
  async work(first: string): Promise<void> {
    const wait = this.#pace.wait();
    if (wait > 0) await sleep(this.#scope.clock, wait, this.#closing.signal);
    // Meanwhile it may have become another one's turn.
    const userId = wait > 0 ? this.next() : first;
    if (userId !== undefined && !this.#closing.signal.aborted) await this.#tell(userId);
  }

  /** Telling it the same again would be of no use. */
  giveUp(ghost: string, error: unknown): boolean {
    this.#scope.log.debug({ error, ghost }, "the homeserver did not take a presence");
    this.#check.refused();
    if (this.#check.isOff) this.#silence();
    return false;
  }

  // Asks nobody, since all contacts may change at once.
  #mayBeChange(userId: string): boolean {
    const wanted = this.#wanted(userId);
    const told = this.#told.get(userId);
    if (wanted.presence === (told?.presence ?? "offline") && wanted.text === told?.text) return false;
    return wanted.presence === "offline" || this.#inRooms.has(userId);
  }

  #isChange(userId: string): boolean {
    if (!this.#mayBeChange(userId)) return false;
    return this.#wanted(userId).presence === "offline" || this.#roomsOf(userId).length > 0;
  }

  async #tell(userId: string): Promise<void> {
    const { clock } = this.#scope;
    const isChange = this.#changes.delete(userId);
    if (!isChange) this.#refreshes.shift();
    if (!isChange && !(await this.#isWatched(userId))) return;
    const ghost = this.#ghosts.byUserId(userId);
    const wanted = this.#wanted(userId);
    const before = this.#told.get(userId);
    const now = clock.now();
    this.#pace.count();
    const told = { ...wanted, at: now, owners: this.#ownersOf(userId) };
    this.#told.set(userId, wanted.presence === "offline" ? undefined : told);
    try {
      await ghost.setPresence(wanted.presence, wanted.text);
    } catch (error) {
      if (isAway(error)) this.#untold(userId, before);
      throw error;
    }
    if (wanted.presence === "offline") return;
    this.#sweepLater();
    await this.#check.told(ghost);
    if (this.#check.isOff) this.#silence();
  }

  #untold(userId: string, before: Told | undefined): void {
    this.#told.set(userId, before);
    this.#changes.add(userId);
  }

  /** Tells nothing more until it is time to look whether the homeserver keeps presence now. */
  #silence(): void {
    this.#told.clear();
    this.#refreshes = [];
    later(this.#scope.clock, CHECK_EVERY_MS, this.#closing.signal, () => this.#changed([...this.#sightings.ghosts]));
  }

  #sweepLater(): void {
    if (this.#isSweeping || this.#isStopping) return;
    this.#isSweeping = true;
    later(this.#scope.clock, SWEEP_MS, this.#closing.signal, () => this.#sweep());
  }

  /** Looks who has to be told of again, as far as a user is there to see it. */
  #sweep(): void {
    this.#isSweeping = false;
    this.#refreshes = this.#told.due(
      this.#scope.clock.now(),
      (owner) => this.#activity.activeUntil(owner) !== undefined,
    );
    if (!this.#told.isEmpty) this.#sweepLater();
    this.#worker.wake();
  }

  /** Whether a user who is active, and has joined, can see a ghost. */
  async #isWatched(userId: string): Promise<boolean> {
    for (const { roomId, owner } of this.#roomsOf(userId)) {
      const isActive = this.#activity.activeUntil(owner) !== undefined;
      if (isActive && (await this.#joins.has(this.#ghosts.byUserId(userId), roomId, owner))) return true;
    }
    return false;
  }

  #wanted(userId: string): GhostPresence {
    return presenceOf(this.#sightings.best(userId));
  }

  #ownersOf(userId: string): string[] {
    return this.#roomsOf(userId).map(({ owner }) => owner);
  }

  #roomsOf(userId: string): GhostRoom[] {
    return this.#scope.store.ghostRooms.list(userId);
  }
}
