import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { accountKey, type Roster } from "../../msn/index.ts";
import type { LoginRow } from "../../store/logins.ts";
import type { SpaceChildRow, SpaceRow } from "../../store/spaces.ts";
import type { Store } from "../../store/store.ts";
import type { Limiter } from "../../util/limiter.ts";
import type { Log } from "../../util/log.ts";
import { ensureLeft } from "../room/membership.ts";
import { Reconciler } from "../base/reconciler.ts";
import { createOnce, leaveDouble, type CreationOptions } from "../room/create-once.ts";
import { keepGroups, planAccount, planGroups, type SpacePlan } from "./space-plan.ts";

export interface SpacesOptions extends CreationOptions {
  /** The name of our homeserver: through it others find the rooms. */
  readonly domain: string;
  /** Lets only so many logins be served at the same time. */
  readonly limiter: Limiter;
  readonly row: LoginRow;
  /** What people know the network as. */
  readonly networkName: string;
  readonly store: Pick<Store, "spaces" | "portals">;
  readonly bot: UserIntent;
  /** What is known of the contacts; undefined while there is no session. */
  readonly roster: () => Roster | undefined;
  /** Whether the login is used: for one that is logged out no space is made. */
  readonly isUsed: () => boolean;
  /** A space has been made. */
  readonly onRoom: () => void;
  readonly log: Log;
}

// The bot alone arranges them. The rest is guarded as in any room, since an override replaces the homeserver's own map.
const POWER_LEVELS = {
  invite: 100,
  events_default: 100,
  events: {
    "m.room.name": 100,
    "m.room.power_levels": 100,
    "m.room.history_visibility": 100,
    "m.room.server_acl": 100,
    "m.room.encryption": 100,
    "m.room.tombstone": 100,
    "m.space.child": 100,
  },
};

// Lists come in and change in many steps.
const SETTLE_MS = 100;
const GROUP_GONE = "This group of contacts is not there any more.";
const LOGGED_OUT = "The person this space is for has logged out.";
const LEFT = "The person this space is for has left it.";

/**
 * The spaces of a login: one with all its chats, and within it one for each group of contacts that has any. Each is made
 * when its first chat has a room. What Matrix has been told is on disk, so that only differences are sent; a space that
 * its owner has left stays away until she asks for it.
 */
export class LoginSpaces {
  readonly #options: SpacesOptions;
  readonly #reconciler: Reconciler;

  constructor(options: SpacesOptions) {
    this.#options = options;
    const name = `arranging the spaces of login ${options.row.id}`;
    const work = (): Promise<void> => options.limiter.run(() => this.#arrange(), tooMany);
    this.#reconciler = new Reconciler({ ...options, name, work, settleMs: SETTLE_MS });
  }

  /** A chat has got its room or lost it, or the contacts have changed. */
  wake(): void {
    this.#reconciler.wake();
  }

  /**
   * Makes also those again that the owner has left.
   * @throws MatrixError when the homeserver is away
   */
  async sync(): Promise<void> {
    const { store, row } = this.#options;
    await this.#reconciler.now(
      () => store.spaces.wantAgain(row.id),
      () => undefined,
    );
  }

  /** The bot leaves all of them for good; the person has logged out and wants nothing to be left. */
  async dissolve(): Promise<void> {
    const { store, row, log } = this.#options;
    const spaces = store.spaces.listByLogin(row.id);
    for (const space of spaces) store.spaces.delete(space);
    for (const { roomId } of spaces) {
      if (roomId === null) continue;
      // One that the bot stays in does no harm: it is nobody's any more.
      await ensureLeft(this.#options.bot, roomId, LOGGED_OUT).catch((error: unknown) =>
        log.debug({ error }, "a space could not be left"),
      );
    }
  }

  /**
   * Somebody has left one of the spaces, or was removed from it.
   * @returns what is left to be done with the homeserver, if anything
   */
  gone(roomId: string, userId: string): (() => Promise<void>) | undefined {
    const { store, row, bot } = this.#options;
    if (userId !== row.owner && userId !== bot.userId) return undefined;
    store.spaces.lose(roomId);
    this.wake();
    return userId === bot.userId ? undefined : () => ensureLeft(this.#options.bot, roomId, LEFT);
  }

  /** Resolves once what is under way has ended; to be called when the bridge stops. */
  async stop(): Promise<void> {
    await this.#reconciler.stop();
  }

  async #arrange(): Promise<void> {
    const { store, row, roster, networkName } = this.#options;
    const portals = store.portals.listByLogin(row.id);
    const known = roster();
    const rows = store.spaces.listByLogin(row.id);
    const groups =
      known === undefined
        ? keepGroups(rows, (space) => store.spaces.children(space), portals)
        : planGroups(known, portals);
    const account = await this.#ensure(planAccount(`${networkName}: ${row.passport}`, portals), true);
    const spaces: SpaceChildRow[] = [];
    for (const plan of groups) {
      // Whoever has left the space of the account wants no more within it.
      const roomId = await this.#ensure(plan, account !== undefined);
      if (roomId === undefined) continue;
      await this.#fill(roomId, plan.rooms.map(asChild));
      spaces.push({ roomId, place: plan.place });
    }
    const chats = portals.flatMap(({ roomId }) => roomId ?? []).map(asChild);
    if (account !== undefined) await this.#fill(account, [...spaces, ...chats]);
    const wanted = new Set(["", ...groups.map(({ group }) => group)]);
    if (known !== undefined) await this.#removeAll(rows.filter((space) => !wanted.has(space.group)));
  }

  // One that cannot be left now must not keep the others; all that is left is for the next pass.
  async #removeAll(spaces: readonly SpaceRow[]): Promise<void> {
    const problems: unknown[] = [];
    for (const space of spaces) await this.#remove(space).catch((error: unknown) => problems.push(error));
    if (problems.length > 0) throw problems[0];
  }

  /** The space, made if it is needed, and called by its name; undefined while there is none. */
  async #ensure({ group, name, rooms }: SpacePlan, mayMake: boolean): Promise<string | undefined> {
    const { store, row, bot } = this.#options;
    const before = store.spaces.find(row.id, group);
    if (before?.declined === true) return undefined;
    const roomId = before?.roomId ?? null;
    if (before === undefined || roomId === null) {
      return mayMake && rooms.length > 0 && this.#options.isUsed() ? this.#make(group, name) : undefined;
    }
    if (before.name === name) return roomId;
    if (!(await this.#try(roomId, () => bot.sendState(roomId, "m.room.name", "", { name })))) return undefined;
    store.spaces.setName(roomId, name);
    return roomId;
  }

  async #make(group: string, name: string): Promise<string | undefined> {
    const { store, row, bot, log, onRoom } = this.#options;
    const space = store.spaces.save(row.id, group);
    const created = await createOnce(this.#options, {
      mainIntent: bot,
      owner: row.owner,
      // The bot keeps those of everybody.
      key: `${row.owner}/${row.server}/${accountKey(row.passport)}/space/${group}`,
      creating: space.creating,
      markCreating: () => store.spaces.markCreating(space),
      isOther: (id) => store.portals.findByRoom(id) !== undefined || store.spaces.findByRoom(id) !== undefined,
      body: { preset: "private_chat", name, invite: [row.owner], power_level_content_override: POWER_LEVELS },
      content: { type: "m.space" },
    });
    const { roomId, isFound } = created;
    // She has logged out meanwhile, and wants nothing to be left.
    if (store.spaces.find(row.id, group) === undefined) {
      await ensureLeft(this.#options.bot, roomId, LOGGED_OUT);
      return undefined;
    }
    store.spaces.setRoom(space, roomId, name);
    await leaveDouble({ mainIntent: bot, owner: row.owner }, created).catch((error: unknown) => {
      log.warn({ error, login: row.id }, "a space was made twice");
    });
    log.info({ login: row.id, group, room: roomId, found: isFound }, "a login has a space");
    onRoom();
    return roomId;
  }

  /** Makes these, and no others, the children of a space. */
  async #fill(space: string, wanted: readonly SpaceChildRow[]): Promise<void> {
    const { store } = this.#options;
    const told = new Map(store.spaces.children(space).map(({ roomId, place }) => [roomId, place]));
    for (const child of wanted) {
      if (told.get(child.roomId) !== child.place && !(await this.#tell(space, child))) return;
      told.delete(child.roomId);
    }
    for (const roomId of told.keys()) if (!(await this.#untell(space, roomId))) return;
  }

  async #tell(space: string, child: SpaceChildRow): Promise<boolean> {
    const { bot, store, domain } = this.#options;
    const content = { via: [domain], ...(child.place !== "" && { order: child.place }) };
    if (!(await this.#try(space, () => bot.sendState(space, "m.space.child", child.roomId, content)))) return false;
    store.spaces.saveChild(space, child);
    return true;
  }

  async #untell(space: string, roomId: string): Promise<boolean> {
    const { bot, store } = this.#options;
    if (!(await this.#try(space, () => bot.sendState(space, "m.space.child", roomId, {})))) return false;
    store.spaces.deleteChild(space, roomId);
    return true;
  }

  // The group is gone: nothing is in its space any more, and the bot neither.
  async #remove(space: SpaceRow): Promise<void> {
    const { roomId } = space;
    if (roomId !== null) {
      await this.#fill(roomId, []);
      await ensureLeft(this.#options.bot, roomId, GROUP_GONE);
    }
    this.#options.store.spaces.delete(space);
  }

  /** False: the space is of no use any more, or its owner has left it meanwhile. */
  async #try(space: string, work: () => Promise<unknown>): Promise<boolean> {
    const { store, log } = this.#options;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof MatrixError) || error.retryable) throw error;
      log.warn({ error: error.message, room: space }, "a space cannot be used any more");
      store.spaces.lose(space);
      this.wake();
    }
    return store.spaces.findByRoom(space) !== undefined;
  }
}

const tooMany = (): Error => new Error("too many logins' spaces wait to be arranged");

function asChild(roomId: string): SpaceChildRow {
  return { roomId, place: "" };
}
