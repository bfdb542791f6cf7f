import type { LoginRow } from "../store/logins.ts";
import type { PortalRow } from "../store/portals.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import type { Ghosts } from "./ghost.ts";
import { Login } from "./login.ts";
import type { Network } from "./session.ts";

export interface LoginsOptions {
  readonly networks: readonly Network[];
  readonly store: Store;
  readonly ghosts: Ghosts;
  /** Whether people of other homeservers may be in the rooms. */
  readonly federate: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly isAllowed: (userId: string) => boolean;
  readonly tellOwner: (owner: string, sentence: string) => void;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

/** Whom somebody wants to be on MSN. */
export interface NewSession {
  readonly owner: string;
  readonly network: Network;
  readonly passport: string;
  readonly password: string;
}

/** All logins of the bridge. */
export class Logins {
  readonly #options: LoginsOptions;
  readonly #logins = new Map<number, Login>();

  constructor(options: LoginsOptions) {
    this.#options = options;
    for (const row of options.store.logins.list()) {
      const network = options.networks.find(({ id }) => id === row.server);
      if (network !== undefined) this.#adopt(row, network);
      else
        options.log.warn(
          { login: row.id, server: row.server },
          "a login waits: its server is not in the configuration",
        );
    }
  }

  get networks(): readonly Network[] {
    return this.#options.networks;
  }

  /** The logins of somebody, oldest first. */
  of(owner: string): Login[] {
    return [...this.#logins.values()].filter(({ row }) => row.owner === owner);
  }

  /** The login that a portal belongs to; undefined when its network has gone from the configuration. */
  ofPortal(row: PortalRow): Login | undefined {
    return this.#logins.get(row.loginId);
  }

  /** Signs every account in again, and goes on with what the journal holds. */
  start(): void {
    const { store, isAllowed } = this.#options;
    for (const login of this.#logins.values()) {
      const password = isAllowed(login.row.owner) ? store.logins.password(login.row.id) : undefined;
      if (password !== undefined) login.session.start(login.row.passport, password);
      login.resume();
    }
  }

  /**
   * Signs an account in for the first time, or anew. The password is kept only if the network takes it.
   * @throws MsnError when the network does not; StoreError `taken` when somebody else is this account here
   */
  async signIn({ owner, network, passport, password }: NewSession): Promise<Login> {
    const { store } = this.#options;
    const isNew = store.logins.find(owner, network.id, passport) === undefined;
    const row = store.logins.save({ server: network.id, passport, owner });
    const login = this.#logins.get(row.id) ?? this.#adopt(row, network);
    try {
      await login.session.signIn(passport, password);
    } catch (error) {
      this.#undo(login, isNew);
      throw error;
    }
    store.logins.setCredentials(row.id, passport, password);
    return login;
  }

  /** Signs an account out; its portals stay. */
  signOut(login: Login): void {
    login.session.stop();
    this.#options.store.logins.forgetPassword(login.row.id);
  }

  /** Begins nothing new; resolves once what is under way has ended. The rest stays in the journal. */
  async finish(): Promise<void> {
    const logins = [...this.#logins.values()];
    const ended = logins.map((login) => login.stopPortals());
    // Otherwise messages would wait for a connection that nobody will need.
    for (const { session } of logins) if (session.state.type !== "connected") session.stop();
    await Promise.all(ended);
  }

  /** Signs every account out of MSN; they are signed in again by the next `start`. */
  disconnect(): void {
    for (const { session } of this.#logins.values()) session.stop();
  }

  // A wrong password must not end a session that works with the right one.
  #undo(login: Login, isNew: boolean): void {
    const { store } = this.#options;
    const { id, passport } = store.logins.get(login.row.id);
    const password = store.logins.password(id);
    if (password !== undefined) login.session.start(passport, password);
    else if (isNew && store.portals.listByLogin(id).length === 0) {
      this.#logins.delete(id);
      store.logins.delete(id);
    }
  }

  #adopt(row: LoginRow, network: Network): Login {
    const { tellOwner } = this.#options;
    const login = new Login({
      ...this.#options,
      row,
      network,
      tellOwner: (sentence) => tellOwner(row.owner, sentence),
    });
    this.#logins.set(row.id, login);
    return login;
  }
}
