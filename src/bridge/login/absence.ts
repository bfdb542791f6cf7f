import type { UserIntent } from "../../matrix/client/intent.ts";
import type { SaidTable } from "../../store/said.ts";
import type { Store } from "../../store/store.ts";
import { later, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { withoutRefusal } from "../room/create-once.ts";
import type { Logins } from "./logins.ts";
import type { Alerts } from "../../ops/alerts.ts";
import { time } from "../words/time.ts";

/** Those who have an MSN account signed in here. */
export class Owners {
  readonly #logins: Logins;
  readonly #rooms: Store["managementRooms"];
  readonly #bot: UserIntent;

  constructor(logins: Logins, store: Pick<Store, "managementRooms">, bot: UserIntent) {
    this.#logins = logins;
    this.#rooms = store.managementRooms;
    this.#bot = bot;
  }

  all(): readonly string[] {
    return this.#logins.signedIn();
  }

  /** Whether somebody has joined one of the rooms of this bridge; to be invited is not enough. @throws MatrixError */
  async isThere(owner: string): Promise<boolean> {
    for (const { roomId } of this.#rooms.listByOwner(owner).toReversed())
      if (await hasJoined(this.#bot, roomId, owner)) return true;
    for (const { portals } of this.#logins.of(owner)) {
      for (const row of portals.list())
        if (row.roomId !== null && (await hasJoined(portals.of(row).members.mainIntent, row.roomId, owner)))
          return true;
    }
    return false;
  }

  async signOut(owner: string): Promise<void> {
    for (const login of this.#logins.of(owner))
      if (this.#logins.isKept(login)) await this.#logins.signOut(login, "keep");
  }
}

async function hasJoined(user: UserIntent, roomId: string, owner: string): Promise<boolean> {
  return (await user.membership(roomId, owner).catch(withoutRefusal)) === "join";
}

export interface AbsenceOptions {
  readonly owners: Pick<Owners, "all" | "isThere" | "signOut">;
  readonly alerts: Pick<Alerts, "alert" | "over">;
  /** Remembers since when somebody is missed. */
  readonly said: SaidTable;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const EVERY_MS = 30 * 60_000;
const PATIENCE_MS = 24 * 60 * 60_000;
const SINCE = "absent since ";

/**
 * Looks now and then whether every user is still in a room of this bridge. One whose account was deactivated, or who has
 * left every room, hears nobody: contacts would go on writing to them. The admins are told, and a day later the MSN
 * accounts are signed out.
 */
export function watchAbsence(options: AbsenceOptions): void {
  const { clock, log, signal } = options;
  later(clock, EVERY_MS, signal, () => {
    lookForAll(options)
      .catch((error: unknown) => log.debug({ error }, "it could not be seen who is in the rooms of this bridge"))
      .finally(() => watchAbsence(options));
  });
}

// What cannot be seen, or done, for one keeps nobody else from being looked for.
async function lookForAll(options: AbsenceOptions): Promise<void> {
  const { owners, signal, log } = options;
  for (const owner of owners.all()) {
    await lookFor(owner, options).catch((error: unknown) =>
      log.debug({ error, owner }, "it could not be seen whether somebody is in a room of this bridge"),
    );
    if (signal.aborted) return;
  }
}

async function lookFor(owner: string, options: AbsenceOptions): Promise<void> {
  const isThere = await options.owners.isThere(owner);
  if (options.signal.aborted) return;
  if (isThere) isBack(owner, options);
  else await isMissed(owner, options);
}

function isBack(owner: string, { said, alerts }: AbsenceOptions): void {
  const mark = markOf(said, owner);
  if (mark === undefined) return;
  said.forget(owner, mark);
  alerts.over(`absent ${owner}`, `${owner} is in a room of this bridge again.`);
}

async function isMissed(owner: string, { said, alerts, owners, clock, log }: AbsenceOptions): Promise<void> {
  const now = clock.now();
  const mark = markOf(said, owner);
  if (mark === undefined) {
    said.once(owner, `${SINCE}${now}`);
    const sentence =
      `${owner} is in no room of this bridge any more; perhaps the account was deactivated. ` +
      `Their MSN accounts are signed out after ${time(now + PATIENCE_MS)} unless they come back.`;
    return alerts.alert(`absent ${owner}`, sentence);
  }
  if (now - Number(mark.slice(SINCE.length)) < PATIENCE_MS) return;
  await owners.signOut(owner);
  said.forget(owner, mark);
  log.warn({ owner }, "a user was in no room of this bridge for a day, so that their MSN accounts were signed out");
}

function markOf(said: SaidTable, owner: string): string | undefined {
  return said.list(owner).find((what) => what.startsWith(SINCE));
}
