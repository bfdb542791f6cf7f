import { randomUUID } from "node:crypto";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { accountKey, MsnError } from "../../msn/index.ts";
import type { LoginRow } from "../../store/logins.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Store } from "../../store/store.ts";
import type { Clock } from "../../util/clock.ts";
import { Limiter } from "../../util/limiter.ts";
import type { Log } from "../../util/log.ts";
import { settleAll } from "../../util/settle-all.ts";
import { directMembers, GroupMembers, type Members, type MembersOptions } from "../room/members.ts";
import { bridgeInfo } from "../room/bridge-info.ts";
import type { FileServices, FileLimits } from "../files/context.ts";
import type { Ghosts } from "../ghosts/ghosts.ts";
import type { Alerts } from "../../ops/alerts.ts";
import { Portal } from "../portal/portal.ts";
import type { Presence } from "../presence/presence.ts";
import { ensureRoom, type OpenRoom } from "../room/room.ts";
import { ENCRYPTED_BY_FORCE, alertOfEncryption } from "../words/encryption.ts";
import type { Network, Session } from "../session/session.ts";
import type { Settings } from "../base/settings.ts";

export interface LoginPortalsOptions {
  readonly row: LoginRow;
  readonly session: Session;
  readonly store: Store;
  readonly ghosts: Ghosts;
  /** Keeps the rooms of groups. */
  readonly bot: UserIntent;
  readonly settings: Settings;
  readonly network: Pick<Network, "name">;
  readonly presence: Pick<Presence, "roomOpened">;
  /** What people know a contact as. */
  readonly nameOf: (contact: string) => string;
  /** What a contact seems to be called where Matrix has not been told anything. */
  readonly guess: (contact: string) => string;
  readonly tellOwner: (sentence: string) => void;
  readonly files: FileServices;
  /** A portal has got its room, or has lost it. */
  readonly onRoom: () => void;
  /** Hears what those who run the bridge have to know. */
  readonly alerts: Pick<Alerts, "alert">;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// What is forgotten is found again by the people of the group.
const GROUPS_KEPT = 2000;
// How many files go each way at once, and how many more wait. The client has room for both ways.
const [FILES_AT_ONCE, FILES_WAITING] = [10, 500] as const;

/** The portals of a login: one object for each row, made when it is first needed. */
export class LoginPortals {
  readonly #options: LoginPortalsOptions;
  readonly #portals = new Map<number, Portal>();
  readonly #turns: FileLimits = {
    fromMsn: new Limiter(FILES_AT_ONCE, FILES_WAITING),
    toMsn: new Limiter(FILES_AT_ONCE, FILES_WAITING),
  };
  /** Which portal a group conversation of this run belongs to, by the id of the conversation; the last met is last. */
  readonly #groups = new Map<string, PortalRow>();

  constructor(options: LoginPortalsOptions) {
    this.#options = options;
  }

  /** The direct portal with a contact; made if there is none yet. Its room comes with the first message. */
  direct(contact: string): Portal {
    const { portals } = this.#options.store;
    const key = { loginId: this.#options.row.id, kind: "direct", remote: contact } as const;
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
      this.#options.store.portalMembers.grow(known.id, people);
      return this.of(known);
    }
    const portal = this.groupOf(people);
    if (portal.members instanceof GroupMembers) portal.members.meet(id);
    return portal;
  }

  /** The portal of exactly these people; made if there is none yet. Of several it is the last active. */
  groupOf(people: readonly string[]): Portal {
    const { store, row } = this.#options;
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
    return this.#options.store.portals.listByLogin(this.#options.row.id);
  }

  /** The room with a contact; null if there is none. */
  roomWith(contact: string): string | null {
    const { store, row } = this.#options;
    return store.portals.find(row.id, "direct", accountKey(contact))?.roomId ?? null;
  }

  /** Deletes a portal that has been stopped. */
  forget(row: PortalRow): void {
    this.#portals.delete(row.id);
    for (const [id, known] of this.#groups) if (known.id === row.id) this.#groups.delete(id);
    this.#options.store.portals.delete(row.id);
    this.#options.onRoom();
  }

  /**
   * Calls one more person to the chat of a portal.
   * @returns the portal in which it goes on: with a contact it becomes a group
   * @throws MsnError
   */
  async invite(portal: Portal, account: string): Promise<Portal> {
    const { row, members } = portal;
    if (account === row.remote) throw new MsnError("rejected", "a chat has everybody once");
    const conversation = await this.#options.session.conversation(members.target);
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
    const { store, row } = this.#options;
    const key = { loginId: row.id, kind: "group", remote: randomUUID() } as const;
    store.batch(() => {
      store.portalMembers.grow(store.portals.save(key).id, people);
    });
    return store.portals.save(key);
  }

  #newPortal(row: PortalRow): Portal {
    const { store, ghosts, clock, log, signal, settings, presence, tellOwner, onRoom, session } = this.#options;
    const { server, owner } = this.#options.row;
    const { journal, edits, parts, portals, said, transfers } = store;
    const members = this.#companyOf(row);
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
      means: this.#options.files,
      turns: this.#turns,
      owner,
      settings,
      presence,
      nameOfUser: (userId) => this.#nameOfUser(userId),
      nameOfGhost: (userId) => this.#nameOfGhost(userId),
      makeRoom: () => this.#makeRoom(row, members),
      introduce: (account) => ghosts.introduce(server, account, this.#options.guess(account)),
      tellOwner,
      onRoom,
      batch: (work) => store.batch(work),
      clock,
      log,
      signal,
    });
  }

  // What people call somebody whom they see on Matrix. The owner is not known by a name of Matrix there.
  #nameOfUser(userId: string): string {
    const { row } = this.#options;
    const localpart = userId === row.owner ? row.passport.replace(/@.*/u, "") : userId.replace(/^@|:.*/gu, "");
    return this.#nameOfGhost(userId) ?? localpart;
  }

  #nameOfGhost(userId: string): string | undefined {
    const { store, ghosts, row, guess } = this.#options;
    const ghost = store.ghosts.findByUserId(userId);
    // Matrix may not have been told of a contact yet.
    const account = ghost ?? ghosts.accountOf(userId);
    if (account === undefined) return undefined;
    return ghost?.name ?? (account.server === row.server ? guess(account.passport) : account.passport);
  }

  #companyOf(row: PortalRow): Members {
    const { store, ghosts, bot, session, nameOf } = this.#options;
    const { server } = this.#options.row;
    const { portals, portalMembers } = store;
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
    const { store, ghosts, bot, network, guess, settings, presence, clock, log, signal } = this.#options;
    const { server: serverId, passport, owner } = this.#options.row;
    const key = `${serverId}/${accountKey(passport)}/${row.kind}/${row.remote}`;
    const accounts = members.kind === "direct" ? [row.remote] : members.current();
    for (const account of accounts) await ghosts.introduce(serverId, account, guess(account));
    // A bridge that stops sets no names any more, and a ghost must not be seen before it has one.
    signal.throwIfAborted();
    const name = members.roomName();
    const group = name === undefined ? undefined : { name, ghosts: accounts.map((one) => members.intentOf(one)) };
    const options = { portals: store.portals, federate: settings.federate, clock, log, signal };
    const { title, kind, remote } = store.portals.get(row.id);
    const server = { id: serverId, name: network.name };
    const state = bridgeInfo({ bot: bot.userId, server, passport, kind, remote, name: title ?? name ?? guess(remote) });
    const parties = { mainIntent: members.mainIntent, owner, key, group, title, state };
    const room = await ensureRoom(options, store.portals.get(row.id), parties);
    for (const account of accounts) presence.roomOpened(members.intentOf(account).userId);
    if (room.isNew) this.#options.onRoom();
    if (room.isEncrypted) this.#encryptedByForce(row);
    return room;
  }

  #encryptedByForce(row: PortalRow): void {
    alertOfEncryption(this.#options.alerts);
    this.of(row).show({ type: "notice", text: ENCRYPTED_BY_FORCE });
  }
}
