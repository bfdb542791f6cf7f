import { isRefusal } from "../../matrix/client/errors.ts";
import { accountKey } from "../../msn/index.ts";
import type { SpaceChildRow, SpaceRow } from "../../store/spaces.ts";
import type { Limiter } from "../../util/limiter.ts";
import { ensureLeft } from "../room/membership.ts";
import { Reconciler, type Reconciled } from "../base/reconciler.ts";
import { createOnce, leaveDouble } from "../room/create-once.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import { keepGroups, planAccount, planGroups, type SpacePlan } from "./space-plan.ts";

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
 * its owner has left stays away until they ask for it.
 */
export class LoginSpaces implements Reconciled {
  readonly name: string;
  readonly settleMs = SETTLE_MS;
  readonly #scope: LoginScope;
  readonly #limiter: Limiter;
  readonly #reconciler: Reconciler;

  /** @param limiter lets only so many logins be served at the same time */
  constructor(scope: LoginScope, limiter: Limiter) {
    this.#scope = scope;
    this.#limiter = limiter;
    this.name = `arranging the spaces of login ${scope.row.id}`;
    this.#reconciler = new Reconciler(scope, this);
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
    const { store, row } = this.#scope;
    await this.#reconciler.now(
      () => store.spaces.wantAgain(row.id),
      () => undefined,
    );
  }

  /** The bot leaves all of them for good; the owner has logged out and wants nothing to be left. */
  async dissolve(): Promise<void> {
    const { store, row, log } = this.#scope;
    const spaces = store.spaces.listByLogin(row.id);
    for (const space of spaces) store.spaces.delete(space);
    for (const { roomId } of spaces) {
      if (roomId === null) continue;
      // One that the bot stays in does no harm: it is nobody's any more.
      await ensureLeft(this.#scope.bot, roomId, LOGGED_OUT).catch((error: unknown) =>
        log.debug({ error }, "a space could not be left"),
      );
    }
  }

  /**
   * A user has left one of the spaces, or was removed from it.
   * @returns whether the bot is to leave it too
   */
  gone(roomId: string, userId: string): boolean {
    const { store, row, bot } = this.#scope;
    if (userId !== row.owner && userId !== bot.userId) return false;
    store.spaces.lose(roomId);
    this.wake();
    return userId !== bot.userId;
  }

  /** Has the bot leave a space that no login has any more. @throws MatrixError */
  async leave(roomId: string): Promise<void> {
    await ensureLeft(this.#scope.bot, roomId, LEFT);
  }

  /** Resolves once what is under way has ended; to be called when the bridge stops. */
  async stop(): Promise<void> {
    await this.#reconciler.stop();
  }

  async reconcile(): Promise<void> {
    await this.#limiter.run(() => this.#arrange(), tooMany);
  }

  async #arrange(): Promise<void> {
    const { store, row, network, session } = this.#scope;
    const portals = store.portals.listByLogin(row.id);
    // Before that the lists may not be complete.
    const known = session.state.type === "connected" ? session.roster : undefined;
    const rows = store.spaces.listByLogin(row.id);
    const groups =
      known === undefined
        ? keepGroups(rows, (space) => store.spaces.children(space), portals)
        : planGroups(known, portals);
    const account = await this.#ensure(planAccount(`${network.name}: ${row.passport}`, portals), true);
    const spaces: SpaceChildRow[] = [];
    for (const plan of groups) {
      // An owner who has left the space of the account wants no more within it.
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
    const { store, row, bot, session } = this.#scope;
    const before = store.spaces.find(row.id, group);
    if (before?.declined === true) return undefined;
    const roomId = before?.roomId ?? null;
    if (before === undefined || roomId === null) {
      // For a login that is logged out none is made.
      const isUsed = session.state.type !== "logged-out";
      return mayMake && rooms.length > 0 && isUsed ? this.#make(group, name) : undefined;
    }
    if (before.name === name) return roomId;
    if (!(await this.#try(roomId, () => bot.sendState(roomId, "m.room.name", "", { name })))) return undefined;
    store.spaces.setName(roomId, name);
    return roomId;
  }

  async #make(group: string, name: string): Promise<string | undefined> {
    const { store, row, bot, log, puppets } = this.#scope;
    const space = store.spaces.save(row.id, group);
    const created = await createOnce(this.#scope, {
      mainIntent: bot,
      owner: row.owner,
      // The bot keeps the spaces of all users.
      key: `${row.owner}/${row.server}/${accountKey(row.passport)}/space/${group}`,
      of: { type: "space", row: space },
      body: { preset: "private_chat", name, invite: [row.owner], power_level_content_override: POWER_LEVELS },
      content: { type: "m.space" },
    });
    const { roomId, isFound } = created;
    // The owner has logged out meanwhile, and wants nothing to be left.
    if (store.spaces.find(row.id, group) === undefined) {
      await ensureLeft(this.#scope.bot, roomId, LOGGED_OUT);
      return undefined;
    }
    store.spaces.setRoom(space, roomId, name);
    await leaveDouble({ mainIntent: bot, owner: row.owner }, created).catch((error: unknown) => {
      log.warn({ error, login: row.id }, "a space was made twice");
    });
    log.info({ login: row.id, group, room: roomId, found: isFound }, "a login has a space");
    puppets.wake(row.owner);
    return roomId;
  }

  /** Makes these, and no others, the children of a space. */
  async #fill(space: string, wanted: readonly SpaceChildRow[]): Promise<void> {
    const { store } = this.#scope;
    const told = new Map(store.spaces.children(space).map(({ roomId, place }) => [roomId, place]));
    for (const child of wanted) {
      if (told.get(child.roomId) !== child.place && !(await this.#tell(space, child))) return;
      told.delete(child.roomId);
    }
    for (const roomId of told.keys()) if (!(await this.#untell(space, roomId))) return;
  }

  async #tell(space: string, child: SpaceChildRow): Promise<boolean> {
    const { bot, store, domain } = this.#scope;
    const content = { via: [domain], ...(child.place !== "" && { order: child.place }) };
    if (!(await this.#try(space, () => bot.sendState(space, "m.space.child", child.roomId, content)))) return false;
    store.spaces.saveChild(space, child);
    return true;
  }

  async #untell(space: string, roomId: string): Promise<boolean> {
    const { bot, store } = this.#scope;
    if (!(await this.#try(space, () => bot.sendState(space, "m.space.child", roomId, {})))) return false;
    store.spaces.deleteChild(space, roomId);
    return true;
  }

  // The group is gone: nothing is in its space any more, and the bot neither.
  async #remove(space: SpaceRow): Promise<void> {
    const { roomId } = space;
    if (roomId !== null) {
      await this.#fill(roomId, []);
      await ensureLeft(this.#scope.bot, roomId, GROUP_GONE);
    }
    this.#scope.store.spaces.delete(space);
  }

  /** False: the space is of no use any more, or its owner has left it meanwhile. */
  async #try(space: string, work: () => Promise<unknown>): Promise<boolean> {
    const { store, log } = this.#scope;
    try {
      await work();
    } catch (error) {
      if (!isRefusal(error)) throw error;
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
