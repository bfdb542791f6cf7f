import { randomUUID } from "node:crypto";
import { accountKey, MsnError } from "../../msn/index.ts";
import type { PortalRow, Standing } from "../../store/portals.ts";
import { KeptMap } from "../../util/kept-map.ts";
import { settleAll } from "../../util/settle-all.ts";
import { Portal } from "./portal.ts";
import { GroupMembers } from "../room/members.ts";
import { MetGroups } from "../room/met-groups.ts";
import type { LoginScope } from "../scope/login-scope.ts";

/**
 * The portals of a login: one object for each row, made when it is first needed. One that has not been needed for a while
 * is forgotten as soon as nothing in it waits or is under way; all that must not be forgotten is on disk.
 */
export class LoginPortals {
  readonly #scope: LoginScope;
  readonly #portals = new KeptMap<number, Portal>();
  readonly #groups = new MetGroups();

  constructor(scope: LoginScope) {
    this.#scope = scope;
  }

  /** The direct portal with a contact; made if there is none yet. Its room comes with the first message. */
  direct(contact: string, standing?: Standing): Portal {
    const key = { loginId: this.#scope.row.id, kind: "direct", remote: contact } as const;
    return this.of(this.findDirect(contact) ?? this.#scope.store.portals.save(key, standing));
  }

  findDirect(contact: string): PortalRow | undefined {
    return this.#scope.store.portals.find(this.#scope.row.id, "direct", contact);
  }

  /** The row of the portal that `group` would take; undefined if it would make one. */
  findGroup(id: string, people: readonly string[]): PortalRow | undefined {
    const { store, row } = this.#scope;
    const found = this.#groups.find(id)?.id ?? store.portalMembers.findPortal(row.id, people);
    return found === undefined ? undefined : store.portals.get(found);
  }

  /**
   * The portal of a group conversation. It stays the same when members come or go. One that has not been seen before
   * takes the portal whose largest set is exactly this one, or a new one.
   * @param people the largest set that the conversation has had
   */
  group(id: string, people: readonly string[], standing?: Standing): Portal {
    const known = this.#groups.find(id);
    if (known !== undefined) {
      this.#groups.met(id, known);
      this.#scope.store.portalMembers.grow(known.id, people);
      return this.of(known);
    }
    const portal = this.groupOf(people, standing);
    if (portal.members instanceof GroupMembers) portal.members.meet(id);
    return portal;
  }

  /** The portal of exactly these people; made if there is none yet. Of several it is the last active. */
  groupOf(people: readonly string[], standing?: Standing): Portal {
    const { store, row } = this.#scope;
    const found = store.portalMembers.findPortal(row.id, people);
    return this.of(found === undefined ? this.#saveGroup(people, standing) : store.portals.get(found));
  }

  /** The portal that a row of this login stands for. */
  of(row: PortalRow): Portal {
    const known = this.#portals.get(row.id);
    if (known !== undefined) return known;
    const portal = new Portal(this.#scope, row, this.#groups);
    this.#portals.set(row.id, portal);
    return portal;
  }

  /** The owner knows those in a chat, or wants it: it is one like those with contacts, and what waits is shown. */
  welcome(row: PortalRow): void {
    if (row.standing === "open") return;
    this.#scope.store.portals.setStanding(row.id, "open");
    this.of(row).wake();
    // Until now nothing was done about the room but to invite the owner.
    if (row.roomId !== null) this.#scope.roomFollowers.roomsChanged();
  }

  /** The same, if it is there: for what concerns only a portal in which something is under way. */
  inUse(row: PortalRow): Portal | undefined {
    return this.#portals.peek(row.id);
  }

  /** Time has passed: those that are not needed any more are forgotten. */
  age(): void {
    this.#portals.age();
  }

  /** The rows of all portals, oldest first. */
  list(): PortalRow[] {
    return this.#scope.store.portals.listByLogin(this.#scope.row.id);
  }

  /** The room with a contact; null if there is none. */
  roomWith(contact: string): string | null {
    const { store, row } = this.#scope;
    return store.portals.find(row.id, "direct", accountKey(contact))?.roomId ?? null;
  }

  /** Deletes a portal that has been stopped. */
  forget(row: PortalRow): void {
    this.#portals.delete(row.id);
    this.#groups.forget(row.id);
    this.#scope.store.portals.delete(row.id);
    this.#scope.roomFollowers.roomsChanged();
  }

  /**
   * Calls one more contact to the chat of a portal.
   * @returns the portal in which it goes on: with a contact it becomes a group
   * @throws MsnError
   */
  async invite(portal: Portal, account: string): Promise<Portal> {
    const { row, members } = portal;
    if (account === row.remote) throw new MsnError("rejected", "a chat has everybody once");
    const conversation = await this.#scope.session.conversation(members);
    const isThere = conversation.present.has(account);
    try {
      if (!isThere) await conversation.invite(account);
    } catch (error) {
      // Then it is not that person who could not be called.
      if (error instanceof MsnError && conversation.present.size === 0)
        throw new MsnError(
          "rejected",
          `there is nobody in the chat to whom somebody could be called (${error.message})`,
        );
      throw error;
    }
    if (members.kind === "direct") return this.groupOf([row.remote, account]);
    // They are not reported as coming, but their ghost may not be there.
    if (isThere) portal.show({ type: "join", from: account });
    return portal;
  }

  /** Ends what the portals are doing; the rest stays in the journal. */
  async stop(): Promise<void> {
    await settleAll(this.#portals.values().map((portal) => portal.stop()));
  }

  // In one commit, so that there is never a group without members.
  #saveGroup(people: readonly string[], standing?: Standing): PortalRow {
    const { store, row } = this.#scope;
    const key = { loginId: row.id, kind: "group", remote: randomUUID() } as const;
    store.batch(() => {
      store.portalMembers.grow(store.portals.save(key, standing).id, people);
    });
    return store.portals.save(key);
  }
}
