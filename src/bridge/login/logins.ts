import { checkPassword, MsnError } from "../../msn/index.ts";
import { StoreError } from "../../store/errors.ts";
import type { LoginRow } from "../../store/logins.ts";
import type { PortalRow } from "../../store/portals.ts";
import { nextTurn } from "../../util/next-turn.ts";
import { untilAborted } from "../../util/until-aborted.ts";
import { LOGGED_OUT } from "../session/current-state.ts";
import { cleanUp } from "./cleanup.ts";
import { Guesses } from "./guesses.ts";
import type { Ghosts } from "../ghosts/ghosts.ts";
import { Login } from "./login.ts";
import type { ActivityListener } from "../presence/activity.ts";
import type { Puppets } from "../puppets/puppets.ts";
import { AccountInUse, LoginRefused, type NewSession } from "./new-session.ts";
import type { Network } from "../session/session.ts";
import { passwordLost, takenOver } from "../words/sign-in.ts";
import type { LogoutWay } from "../base/settings.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";
import { SharedLimits } from "./shared-limits.ts";

/** A try to sign in that is under way. */
interface SigningIn {
  readonly owner: string;
  /** Resolves at its end. */
  readonly ended: Promise<void>;
}

/** All logins of the bridge. */
export class Logins implements ActivityListener {
  readonly networks: readonly Network[];
  readonly #scope: BridgeScope;
  readonly #logins = new Map<number, Login>();
  readonly #byOwner = new Map<string, Login[]>();
  readonly #limits: SharedLimits;
  readonly #guesses: Guesses;
  /** Who is signing in with which account at this moment. */
  readonly #signingIn = new Map<string, SigningIn>();

  constructor(scope: BridgeScope, networks: readonly Network[]) {
    this.#scope = scope;
    this.networks = networks;
    this.#limits = new SharedLimits(scope);
    this.#guesses = new Guesses(scope);
    scope.activity.attach(this);
    // The bridge may have been killed in the middle of a user's first try.
    scope.store.logins.prune();
    for (const row of scope.store.logins.list()) {
      const network = networks.find(({ id }) => id === row.server);
      if (network !== undefined) this.#adopt(row, network);
      else
        scope.log.warn({ login: row.id, server: row.server }, "a login waits: its server is not in the configuration");
    }
  }

  seenActive(userId: string): void {
    for (const { ownStatus } of this.#byOwner.get(userId) ?? []) ownStatus.check();
  }

  /** The logins of a user, oldest first. */
  of(owner: string): Login[] {
    return [...(this.#byOwner.get(owner) ?? [])];
  }

  /** All of them, oldest first. */
  get all(): readonly Login[] {
    return [...this.#logins.values()];
  }

  /** Whether a login has a password here, so that it is kept signed in. */
  isKept(login: Login): boolean {
    return this.#scope.store.logins.hasPassword(login.row.id);
  }

  /** The login that a portal belongs to; undefined when its network has gone from the configuration. */
  ofPortal(row: PortalRow): Login | undefined {
    return this.#logins.get(row.loginId);
  }

  /** The login that a space belongs to; undefined also where logins have none any more. */
  ofSpace(roomId: string): Login | undefined {
    const row = this.#scope.store.spaces.findByRoom(roomId);
    return row && this.#logins.get(row.loginId);
  }

  /** Signs every account in again and goes on with what an earlier run left in chats; one by one, as others come between. */
  async start(): Promise<void> {
    const { store, signal } = this.#scope;
    for (const login of this.all) {
      if (signal.aborted) return;
      this.reconnect(login);
      login.spaces?.wake();
      // While the disk is full, they are signed out again before any has come far.
      if (store.disk.state === "fine") await nextTurn();
    }
    // Only now: what was to be sent would fail as said by one who is signed out.
    for (const id of store.journal.portalsInUse()) {
      if (signal.aborted) return;
      const row = store.portals.get(id);
      if (row.standing === "held") continue;
      this.ofPortal(row)?.portals.of(row).resume();
      await nextTurn();
    }
  }

  /**
   * Signs an account in for the first time, or again. The password is kept only if the network takes it.
   * @param signal gives up at once when it is aborted
   * @throws MsnError when the network does not take it; StoreError `taken` when another user has this account here;
   * LoginRefused; the signal's reason
   */
  async signIn(wish: NewSession, signal?: AbortSignal): Promise<Login> {
    const { owner } = wish;
    this.#checkCount(wish);
    const account = accountOf(wish);
    const waitMs = this.#guesses.wait(owner, account);
    if (waitMs > 0) throw new LoginRefused({ type: "too-many-wrong-passwords", waitMs });
    try {
      const login = await this.#signInAlone(wish, account, signal);
      this.#guesses.right(owner, account);
      return login;
    } catch (error) {
      if (isWrongPassword(error)) this.#guesses.wrong(owner, account);
      throw error;
    }
  }

  async #signInAlone(wish: NewSession, account: string, signal?: AbortSignal): Promise<Login> {
    const { owner } = wish;
    // The network would let the second put out the first. Who does not know the password does not learn that there is one.
    for (let other = this.#otherThan(owner, account); other !== undefined; other = this.#otherThan(owner, account)) {
      await this.#check(wish, signal);
      await untilAborted(other.ended, signal);
    }
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const mine = { owner, ended };
    this.#signingIn.set(account, mine);
    try {
      await this.#release(wish, signal);
      return await this.#signIn(wish, signal);
    } finally {
      if (this.#signingIn.get(account) === mine) this.#signingIn.delete(account);
      resolve();
    }
  }

  #otherThan(owner: string, account: string): SigningIn | undefined {
    const one = this.#signingIn.get(account);
    return one?.owner === owner ? undefined : one;
  }

  // Who does not know the password must not learn whether an account is in use, and trying to sign in would end the
  // session that is there.
  async #release(wish: NewSession, signal?: AbortSignal): Promise<void> {
    const { owner, network, passport, takesOver = false } = wish;
    const { store, log, notices } = this.#scope;
    const holder = store.logins.findHolder(network.id, passport);
    if (holder === undefined || holder.owner === owner) return;
    await this.#check(wish, signal);
    if (!takesOver) throw new AccountInUse(`${passport} is in use`);
    log.warn({ login: holder.id, owner: holder.owner, by: owner }, "an account is taken over");
    const login = this.#logins.get(holder.id);
    if (login === undefined) store.logins.forgetPassword(holder.id);
    else await this.signOut(login, "keep");
    notices.tell(holder.owner, takenOver(passport, network.name));
  }

  async #check(wish: NewSession, signal?: AbortSignal): Promise<void> {
    const { network, passport, password, owner } = wish;
    const { clock, signal: stopping } = this.#scope;
    const ended = AbortSignal.any([stopping, ...(signal ? [signal] : [])]);
    await this.#limits.sessions.paceOf(network).signIns.turn("by-user", owner, ended);
    ended.throwIfAborted();
    await checkPassword({ server: network, account: passport, password, fetch: network.fetch, clock }, ended);
    this.#guesses.right(owner, accountOf(wish));
  }

  async #signIn({ owner, network, passport, password }: NewSession, signal?: AbortSignal): Promise<Login> {
    const { store, signal: stopping } = this.#scope;
    const isNew = store.logins.find(owner, network.id, passport) === undefined;
    const row = store.logins.save({ server: network.id, passport, owner });
    const login = this.#logins.get(row.id) ?? this.#adopt(row, network);
    try {
      await login.session.signIn(passport, password, AbortSignal.any([stopping, ...(signal ? [signal] : [])]));
    } catch (error) {
      if (isNew) this.#forget(login);
      throw error;
    }
    store.logins.setCredentials(row.id, passport, password);
    return login;
  }

  /**
   * Signs an account in now with the password that is kept; it is tried again only if that can help.
   * @returns false when no password is kept, or its owner may not use the bridge any more
   */
  reconnect(login: Login): boolean {
    const { passport } = this.#scope.store.logins.get(login.row.id);
    if (!this.#scope.permissions.isAllowed(login.row.owner)) return false;
    const password = this.#passwordOf(login, passport);
    if (password === undefined) return false;
    login.session.start(passport, password);
    return true;
  }

  // One that was changed or moved on the disk is a matter of its user: the others sign in.
  #passwordOf({ row: { id, owner }, network }: Login, passport: string): string | undefined {
    const { store, log, notices } = this.#scope;
    try {
      return store.logins.password(id);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "damaged")) throw error;
      log.error({ login: id, owner, error }, "a password does not open; its user has to log in again");
      notices.tell(owner, passwordLost(passport, network.name));
      store.logins.forgetPassword(id);
      return undefined;
    }
  }

  /**
   * Signs an account out and forgets its password.
   * @param way what becomes of its rooms
   * @returns how many rooms were left
   */
  async signOut(login: Login, way: LogoutWay): Promise<number> {
    const { store } = this.#scope;
    store.logins.forgetPassword(login.row.id);
    await login.session.stop();
    return cleanUp(login, store, way);
  }

  get ghosts(): Ghosts {
    return this.#scope.ghosts;
  }

  get puppets(): Puppets {
    return this.#scope.puppets;
  }

  /** What becomes of rooms if nothing else is said. */
  get cleanupOnLogout(): LogoutWay {
    return this.#scope.settings.cleanupOnLogout;
  }

  /** Those with a login that is kept signed in, in the order of their names. */
  signedIn(): string[] {
    const kept = this.all.filter((login) => this.#scope.permissions.isAllowed(login.row.owner) && this.isKept(login));
    return [...new Set(kept.map(({ row }) => row.owner))].toSorted();
  }

  /** Tells every user who is signed in something, once. */
  tellAll(sentence: string): void {
    for (const owner of this.signedIn()) this.#scope.notices.tell(owner, sentence);
  }

  #checkCount({ owner, network, passport }: NewSession): void {
    const { store, settings } = this.#scope;
    const others = this.of(owner).filter(({ row }) => row.id !== store.logins.find(owner, network.id, passport)?.id);
    if (others.filter((login) => this.isKept(login)).length < settings.maxLogins) return;
    throw new LoginRefused({ type: "too-many-logins", most: settings.maxLogins });
  }

  // A login that has never worked is of no use, unless a contact has written to it meanwhile.
  #forget({ row: { id, owner } }: Login): void {
    const { store } = this.#scope;
    if (store.portals.listByLogin(id).length > 0) return;
    this.#logins.delete(id);
    this.#byOwner.set(
      owner,
      this.of(owner).filter(({ row }) => row.id !== id),
    );
    store.logins.delete(id);
  }

  #adopt(row: LoginRow, network: Network): Login {
    const login = new Login(this.#scope, row, network, this.#limits);
    this.#logins.set(row.id, login);
    this.#byOwner.set(row.owner, [...this.of(row.owner), login]);
    return login;
  }
}

function accountOf({ network, passport }: Pick<NewSession, "network" | "passport">): string {
  return `${network.id}/${passport.toLowerCase()}`;
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof MsnError && error.code === "bad-credentials" && error !== LOGGED_OUT;
}
