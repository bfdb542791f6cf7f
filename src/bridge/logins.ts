import type { LoginRow } from "../store/logins.ts";
import type { PortalRow } from "../store/portals.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "../util/clock.ts";
import { Limiter } from "../util/limiter.ts";
import type { Log } from "../util/log.ts";
import { TokenBucket } from "../util/token-bucket.ts";
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

// Hundreds of logins at the same moment look like an attack, and make the first ones wait.
const LOGINS_AT_ONCE = 10;
// What official servers allow (docs/msnp.md 4.1).
const SWITCHBOARDS = { burst: 5, everyMs: 7600 };

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
  readonly #limiter = new Limiter(LOGINS_AT_ONCE, Number.POSITIVE_INFINITY);
  readonly #buckets: ReadonlyMap<string, TokenBucket>;

  constructor(options: LoginsOptions) {
    this.#options = options;
    const { clock } = options;
    const throttling = options.networks.filter(({ throttles }) => throttles);
    this.#buckets = new Map(throttling.map(({ id }) => [id, new TokenBucket({ ...SWITCHBOARDS, clock })]));
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
   * @param signal gives up at once when it is aborted
   * @throws MsnError when the network does not take it; StoreError `taken` when somebody else is this account here; the
   * signal's reason
   */
  async signIn({ owner, network, passport, password }: NewSession, signal?: AbortSignal): Promise<Login> {
    const { store } = this.#options;
    const isNew = store.logins.find(owner, network.id, passport) === undefined;
    const row = store.logins.save({ server: network.id, passport, owner });
    const login = this.#logins.get(row.id) ?? this.#adopt(row, network);
    try {
      await login.session.signIn(passport, password, signal);
    } catch (error) {
      if (isNew) this.#forget(login);
      throw error;
    }
    store.logins.setCredentials(row.id, passport, password);
    return login;
  }

  /**
   * Signs an account in now with the password that is kept; it is tried again only if that can help.
   * @returns false when no password is kept
   */
  reconnect(login: Login): boolean {
    const { id, passport } = this.#options.store.logins.get(login.row.id);
    const password = this.#options.store.logins.password(id);
    if (password !== undefined) login.session.start(passport, password);
    return password !== undefined;
  }

  /** Signs an account out; its portals stay. */
  async signOut(login: Login): Promise<void> {
    this.#options.store.logins.forgetPassword(login.row.id);
    await login.session.stop();
  }

  /** Tells everybody who is signed in something, once. */
  tellAll(sentence: string): void {
    const { store, tellOwner } = this.#options;
    const signedIn = [...this.#logins.values()].filter(({ row }) => store.logins.password(row.id) !== undefined);
    for (const owner of new Set(signedIn.map(({ row }) => row.owner))) tellOwner(owner, sentence);
  }

  /** Begins nothing new; resolves once what is under way has ended. The rest stays in the journal. */
  async finish(): Promise<void> {
    const logins = [...this.#logins.values()];
    const ended = logins.map((login) => login.stopPortals());
    // Otherwise messages would wait for a connection that nobody will need.
    for (const { session } of logins) if (session.state.type !== "connected") void session.stop();
    await Promise.all(ended);
  }

  /** Signs every account out of MSN; they are signed in again by the next `start`. */
  async disconnect(): Promise<void> {
    await Promise.all([...this.#logins.values()].map(({ session }) => session.stop()));
    for (const login of this.#logins.values()) login.flush();
  }

  // Nobody wants a login that has never worked, unless somebody has written to it meanwhile.
  #forget({ row: { id } }: Login): void {
    const { store } = this.#options;
    if (store.portals.listByLogin(id).length > 0) return;
    this.#logins.delete(id);
    store.logins.delete(id);
  }

  #adopt(row: LoginRow, network: Network): Login {
    const { tellOwner } = this.#options;
    const login = new Login({
      ...this.#options,
      row,
      network,
      limiter: this.#limiter,
      bucket: this.#buckets.get(network.id),
      tellOwner: (sentence) => tellOwner(row.owner, sentence),
    });
    this.#logins.set(row.id, login);
    return login;
  }
}
