import { randomUUID } from "node:crypto";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { accountKey, MsnError } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import { settleAll } from "../../util/settle-all.ts";
import { directMembers, GroupMembers, type Members, type MembersOptions } from "../room/members.ts";
import { bridgeInfo } from "../room/bridge-info.ts";
import { Portal } from "../portal/portal.ts";
import { ensureRoom, type OpenRoom } from "../room/room.ts";
import { ENCRYPTED_BY_FORCE, alertOfEncryption } from "../words/encryption.ts";
import type { LoginScope } from "../scope/login-scope.ts";

// What is forgotten is found again by the people of the group.
const GROUPS_KEPT = 2000;

/** The portals of a login: one object for each row, made when it is first needed. */
export class LoginPortals {
  readonly #scope: LoginScope;
  readonly #portals = new Map<number, Portal>();
  /** Which portal a group conversation of this run belongs to, by the id of the conversation; the last met is last. */
  readonly #groups = new Map<string, PortalRow>();

  constructor(scope: LoginScope) {
    this.#scope = scope;
  }

  /** The direct portal with a contact; made if there is none yet. Its room comes with the first message. */
  direct(contact: string): Portal {
    const { portals } = this.#scope.store;
    const key = { loginId: this.#scope.row.id, kind: "direct", remote: contact } as const;
    return this.of(portals.find(key.loginId, key.kind, key.remote) ?? portals.save(key));
  }

  /**
   * The portal of a group conversation. Whoever comes or goes, it stays the same. One that has not been seen before takes
   * the portal whose largest set is exactly this one, or a new one.
   * @param people the largest set that the conversation has had
   */
  group(id: string, people: readonly string[]): Portal {
    const known = this.#groups.get(id);
    if (known !== undefined) {
      this.#met(id, known);
      this.#scope.store.portalMembers.grow(known.id, people);
      return this.of(known);
    }
    const portal = this.groupOf(people);
    if (portal.members instanceof GroupMembers) portal.members.meet(id);
    return portal;
  }

  /** The portal of exactly these people; made if there is none yet. Of several it is the last active. */
  groupOf(people: readonly string[]): Portal {
    const { store, row } = this.#scope;
    const found = store.portalMembers.findPortal(row.id, people);
    return this.of(found === undefined ? this.#saveGroup(people) : store.portals.get(found));
  }

  /** The portal that a row of this login stands for. */
  of(row: PortalRow): Portal {
    const known = this.#portals.get(row.id);
    if (known !== undefined) return known;
    const portal = this.#newPortal(row);
    this.#portals.set(row.id, portal);
    return portal;
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
    for (const [id, known] of this.#groups) if (known.id === row.id) this.#groups.delete(id);
    this.#scope.store.portals.delete(row.id);
    this.#scope.roomFollowers.roomsChanged();
  }

  /**
   * Calls one more person to the chat of a portal.
   * @returns the portal in which it goes on: with a contact it becomes a group
   * @throws MsnError
   */
  async invite(portal: Portal, account: string): Promise<Portal> {
    const { row, members } = portal;
    if (account === row.remote) throw new MsnError("rejected", "a chat has everybody once");
    const conversation = await this.#scope.session.conversation(members.target);
    const isThere = conversation.present.has(account);
    try {
      if (!isThere) await conversation.invite(account);
    } catch (error) {
      // Then it is not she who could not be called.
      if (error instanceof MsnError && conversation.present.size === 0)
        throw new MsnError(
          "rejected",
          `there is nobody in the chat to whom somebody could be called (${error.message})`,
        );
      throw error;
    }
    if (members.kind === "direct") return this.groupOf([row.remote, account]);
    // Nobody reports her as coming, but her ghost may not be there.
    if (isThere) portal.show({ type: "join", from: account });
    return portal;
  }

  /** Works off what an earlier run left in the journal. */
  resume(): void {
    for (const row of this.list()) this.of(row).resume();
  }

  /** Ends what the portals are doing; the rest stays in the journal. */
  async stop(): Promise<void> {
    await settleAll([...this.#portals.values()].map((portal) => portal.stop()));
  }

  // In one commit, so that there is never a group of nobody.
  #saveGroup(people: readonly string[]): PortalRow {
    const { store, row } = this.#scope;
    const key = { loginId: row.id, kind: "group", remote: randomUUID() } as const;
    store.batch(() => {
      store.portalMembers.grow(store.portals.save(key).id, people);
    });
    return store.portals.save(key);
  }

  #newPortal(row: PortalRow): Portal {
    const { store, clock, log, signal, settings, presence, session, names, notices, roomFollowers } = this.#scope;
    const { owner } = this.#scope.row;
    const { journal, edits, parts, portals, said, transfers } = store;
    const members = this.#membersOf(row);
    return new Portal({
      row,
      members,
      session,
      journal,
      edits,
      parts,
      portals,
      said,
      transfers,
      means: this.#scope.files,
      turns: this.#scope.fileLimits,
      owner,
      settings,
      presence,
      nameOfUser: (userId) => names.nameOfUser(userId),
      nameOfGhost: (userId) => names.nameOfGhost(userId),
      makeRoom: () => this.#makeRoom(row, members),
      introduce: (account) => names.introduce(account),
      tellOwner: (sentence) => notices.tell(owner, sentence),
      onRoom: () => roomFollowers.roomsChanged(),
      batch: (work) => store.batch(work),
      clock,
      log,
      signal,
    });
  }

  #membersOf(row: PortalRow): Members {
    const { store, ghosts, bot, session, names } = this.#scope;
    const { server } = this.#scope.row;
    const { portals, portalMembers } = store;
    const nameOf = (contact: string): string => names.nameOf(contact);
    const ghost = (contact: string): UserIntent => ghosts.intent(server, contact);
    const onMeet = (id: string): void => this.#met(id, row);
    const options: MembersOptions = { row, session, portals, portalMembers, nameOf, ghost, bot, onMeet };
    return row.kind === "direct" ? directMembers(options) : new GroupMembers(options);
  }

  #met(id: string, row: PortalRow): void {
    this.#groups.delete(id);
    this.#groups.set(id, row);
    const [oldest] = this.#groups.keys();
    if (oldest !== undefined && this.#groups.size > GROUPS_KEPT) this.#groups.delete(oldest);
  }

  async #makeRoom(row: PortalRow, members: Members): Promise<OpenRoom> {
    const { store, bot, network, names, settings, presence, clock, log, signal } = this.#scope;
    const { server: serverId, passport, owner } = this.#scope.row;
    const key = `${serverId}/${accountKey(passport)}/${row.kind}/${row.remote}`;
    const accounts = members.kind === "direct" ? [row.remote] : members.current();
    for (const account of accounts) await names.introduce(account);
    // A bridge that stops sets no names any more, and a ghost must not be seen before it has one.
    signal.throwIfAborted();
    const name = members.roomName();
    const group = name === undefined ? undefined : { name, ghosts: accounts.map((one) => members.intentOf(one)) };
    const options = { portals: store.portals, federate: settings.federate, clock, log, signal };
    const { title, kind, remote } = store.portals.get(row.id);
    const server = { id: serverId, name: network.name };
    const state = bridgeInfo({
      bot: bot.userId,
      server,
      passport,
      kind,
      remote,
      name: title ?? name ?? names.guess(remote),
    });
    const parties = { mainIntent: members.mainIntent, owner, key, group, title, state };
    const room = await ensureRoom(options, store.portals.get(row.id), parties);
    for (const account of accounts) presence.roomOpened(members.intentOf(account).userId);
    if (room.isNew) this.#scope.roomFollowers.roomsChanged();
    if (room.isEncrypted) this.#encryptedByForce(row);
    return room;
  }

  #encryptedByForce(row: PortalRow): void {
    alertOfEncryption(this.#scope.alerts);
    this.of(row).show({ type: "notice", text: ENCRYPTED_BY_FORCE });
  }
}
