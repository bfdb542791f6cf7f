import { isRefusal, MatrixError } from "../../matrix/client/errors.ts";
import type { PuppetIntent } from "../../matrix/client/puppet.ts";
import type { PuppetRoomRow } from "../../store/puppets.ts";
import { Reconciler, type Reconciled } from "../base/reconciler.ts";
import type { PuppetScope } from "./puppet-scope.ts";
import { mergeDirectChats, type DirectChat } from "./direct-chats.ts";

// What is done is written down after so many rooms, so that a crash costs little.
const ROOMS_AT_ONCE = 20;

/**
 * Does for one user what they would have to do by hand: accepts the invitations to their chats with contacts and to
 * their spaces, and files chats under the contact (`m.direct`). What has been done is on disk, so that a start costs
 * nothing and what they change afterwards is left alone. Nothing is said in their name: a second MSN client would end
 * the bridge's session, so there is nothing of theirs to bring over.
 */
export class Puppet implements Reconciled {
  readonly name: string;
  readonly settleMs = 0;
  readonly #scope: PuppetScope;
  readonly #owner: string;
  readonly #reconciler: Reconciler;
  /** Rooms that the homeserver does not let them into; asked again when the bridge is restarted, or by hand. */
  readonly #refused = new Set<string>();
  /** The intent that the homeserver is known to take for the user. */
  #verified: PuppetIntent | undefined;

  constructor(scope: PuppetScope, owner: string) {
    this.#scope = scope;
    this.#owner = owner;
    this.name = `looking after the rooms of ${owner}`;
    this.#reconciler = new Reconciler(scope, this);
  }

  /** Something about their rooms may have changed. */
  wake(): void {
    this.#reconciler.wake();
  }

  /**
   * Does it all again, also what has been done before.
   * @returns how many rooms the homeserver does not let the user into
   * @throws MatrixError when the homeserver is away
   */
  async sync(): Promise<number> {
    const { store } = this.#scope;
    const owner = this.#owner;
    const forget = (): void => {
      // The rows of dead rooms stay: only they tell that those are ours to take out of the direct chats.
      for (const { roomId } of this.#wanted()) store.puppets.deleteRoom(owner, roomId);
      this.#refused.clear();
    };
    return this.#reconciler.now(forget, () => this.#refused.size);
  }

  /** Resolves once what is under way has ended; to be called when the bridge stops. */
  async stop(): Promise<void> {
    await this.#reconciler.stop();
  }

  async reconcile(): Promise<void> {
    try {
      await this.#scope.limiter.run(() => this.#catchUp(), tooMany);
    } catch (error) {
      if (!(error instanceof NoAccessError)) throw error;
      this.#scope.rights.lose(this.#owner);
    }
  }

  async #catchUp(): Promise<void> {
    const { store, signal } = this.#scope;
    const owner = this.#owner;
    for (;;) {
      const puppet = this.#scope.rights.intentOf(owner);
      if (puppet === undefined || signal.aborted) return;
      const wanted = this.#wanted();
      const done = store.puppets.rooms(owner);
      const known = new Set([...done.map(({ roomId }) => roomId), ...this.#refused]);
      const fresh = wanted.filter(({ roomId }) => !known.has(roomId)).slice(0, ROOMS_AT_ONCE);
      const alive = new Set(wanted.map(({ roomId }) => roomId));
      const dead = done.filter(({ roomId }) => !alive.has(roomId));
      if (fresh.length === 0 && dead.length === 0) return;
      await this.#verify(puppet);
      await withAccess(() => this.#bring(puppet, fresh, dead));
    }
  }

  async #verify(puppet: PuppetIntent): Promise<void> {
    if (this.#verified === puppet) return;
    const userId = await checkAccess(puppet);
    if (userId !== this.#owner) throw new NoAccessError(`the homeserver takes the token for ${userId}`);
    this.#verified = puppet;
  }

  /** Their rooms as they should be. */
  #wanted(): PuppetRoomRow[] {
    const { store } = this.#scope;
    return store.logins.listByOwner(this.#owner).flatMap(({ id, server }) => {
      const spaces = store.spaces.listByLogin(id).map(({ roomId }) => ({ roomId, directWith: null }));
      // Whether to go to a stranger is for them to say.
      const portals = store.portals.listByLogin(id).map(({ roomId, kind, remote, standing }) => ({
        roomId: standing === "stranger" ? null : roomId,
        directWith: kind === "direct" ? this.#scope.ghosts.userId(server, remote) : null,
      }));
      return [...spaces, ...portals].flatMap(({ roomId, directWith }) =>
        roomId === null ? [] : [{ roomId, directWith }],
      );
    });
  }

  async #bring(puppet: PuppetIntent, fresh: readonly PuppetRoomRow[], dead: readonly PuppetRoomRow[]): Promise<void> {
    const { store } = this.#scope;
    const owner = this.#owner;
    const joined: PuppetRoomRow[] = [];
    for (const room of fresh) if (await this.#join(puppet, room.roomId)) joined.push(room);
    const add = joined.flatMap(asDirectChat);
    const remove = dead.flatMap(asDirectChat);
    if (add.length + remove.length > 0) {
      const after = mergeDirectChats(await puppet.directChats(), add, remove);
      if (after !== undefined) await puppet.setDirectChats(after);
    }
    store.batch(() => {
      for (const room of joined) store.puppets.saveRoom(owner, room);
      for (const { roomId } of dead) store.puppets.deleteRoom(owner, roomId);
      store.puppets.forgetLost(owner);
    });
  }

  /** False: the homeserver does not let them in, for instance because they have left meanwhile. */
  async #join(puppet: PuppetIntent, roomId: string): Promise<boolean> {
    const { log } = this.#scope;
    const owner = this.#owner;
    try {
      await puppet.join(roomId);
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // The answer does not say whether the room is closed to us, or the user.
      await checkAccess(puppet);
      log.info({ owner, room: roomId, error: error.message }, "a user could not be brought into a room");
      this.#refused.add(roomId);
      return false;
    }
  }
}

/** The homeserver does not let the bridge act for a user. */
export class NoAccessError extends Error {
  override readonly name = "NoAccessError";
}

/**
 * Makes sure that the homeserver lets the bridge act for a user.
 * @returns whom the homeserver takes the bridge for, which may be another user
 * @throws NoAccessError, MatrixError
 */
export async function checkAccess(puppet: PuppetIntent): Promise<string> {
  try {
    return await withAccess(() => puppet.whoami());
  } catch (error) {
    if (isRefusal(error)) throw noAccess(error);
    throw error;
  }
}

// A refused token of a user stays refused; the bridge's own token is good again after a while.
async function withAccess<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MatrixError && error.code === "token-refused") throw noAccess(error);
    throw error;
  }
}

function noAccess(error: MatrixError): NoAccessError {
  return new NoAccessError(error.message, { cause: error });
}

function asDirectChat({ roomId, directWith }: PuppetRoomRow): DirectChat[] {
  return directWith === null ? [] : [{ roomId, directWith }];
}

const tooMany = (): Error => new Error("too many people's rooms wait to be looked after");
