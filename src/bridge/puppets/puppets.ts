import { settleAll } from "../../util/settle-all.ts";
import type { PuppetAccess, PuppetIntent } from "../../matrix/client/puppet.ts";
import { Limiter } from "../../util/limiter.ts";
import { StoreError } from "../../store/errors.ts";
import type { BaseScope } from "../base/scope.ts";
import type { Ghosts } from "../ghosts/ghosts.ts";
import { checkAccess, NoAccessError, Puppet } from "./puppet.ts";
import { puppetScope, type PuppetRights, type PuppetScope } from "./puppet-scope.ts";
import { puppetLost } from "../words/access.ts";

/** Acts as users of our homeserver with a token that is not the bridge's own. */
interface PuppetHomeserver {
  puppet(userId: string, access: PuppetAccess): PuppetIntent;
}

/** Whether, and how, the bridge acts for a user. */
export type PuppetState =
  /** They are of another homeserver. */
  | { readonly type: "elsewhere" }
  | { readonly type: "none" }
  | { readonly type: "works"; readonly by: PuppetAccess["type"] }
  | { readonly type: "lost" };

/** What came of a token that a user gave. */
export type TokenVerdict =
  | { readonly type: "works" }
  | { readonly type: "elsewhere" }
  | { readonly type: "refused" }
  | { readonly type: "somebody-else"; readonly userId: string };

interface Open {
  readonly access: PuppetAccess;
  readonly intent: PuppetIntent;
}

// So many users are served at the same time; what one of them needs is done one by one.
const PEOPLE_AT_ONCE = 4;

/** For whom the bridge may act on Matrix, and how. Nothing else of the bridge waits for this or fails with it. */
export class Puppets implements PuppetRights {
  readonly #scope: PuppetScope;
  readonly #homeserver: PuppetHomeserver;
  readonly #secret: string | undefined;
  readonly #puppets = new Map<string, Puppet>();
  readonly #open = new Map<string, Open>();
  /** For whom the registration was refused in this run; asked again after a restart. */
  readonly #refused = new Set<string>();

  /** @param secret the token of a registration that covers the users of our homeserver, if there is one */
  constructor(scope: BaseScope, ghosts: Ghosts, homeserver: PuppetHomeserver, secret: string | undefined) {
    const limiter = new Limiter(PEOPLE_AT_ONCE, Number.POSITIVE_INFINITY);
    this.#scope = puppetScope(scope, ghosts, this, limiter);
    this.#homeserver = homeserver;
    this.#secret = secret;
  }

  /** Does what an earlier run has left undone. */
  start(): void {
    const owners = new Set(this.#scope.store.logins.list().map(({ owner }) => owner));
    for (const owner of owners) this.wake(owner);
  }

  /** A user has got a room, or has lost it. */
  wake(owner: string): void {
    if (this.#access(owner) !== undefined) this.#of(owner).wake();
  }

  /**
   * Looks after all rooms of a user again, if the bridge acts for them.
   * @returns how many the homeserver does not let them into
   * @throws MatrixError when the homeserver is away
   */
  async sync(owner: string): Promise<number> {
    if (this.#access(owner) === undefined) return 0;
    const refused = await this.#of(owner).sync();
    return this.#access(owner) === undefined ? 0 : refused;
  }

  /**
   * Acts for a user from now on with the token that they give.
   * @throws MatrixError when the homeserver is away; the signal's reason when that is aborted
   */
  async logIn(owner: string, token: string, signal: AbortSignal): Promise<TokenVerdict> {
    const { store } = this.#scope;
    if (!this.#isOurs(owner)) return { type: "elsewhere" };
    const access = { type: "own-token", token } as const;
    const userId = await checkAccess(this.#homeserver.puppet(owner, access)).catch(withoutAccess);
    signal.throwIfAborted();
    if (userId === undefined) return { type: "refused" };
    if (userId !== owner) return { type: "somebody-else", userId };
    store.puppets.setToken(owner, token);
    this.wake(owner);
    return { type: "works" };
  }

  /** Forgets the token of a user. False: there was none. */
  logOut(owner: string): boolean {
    this.#open.delete(owner);
    return this.#scope.store.puppets.forgetToken(owner);
  }

  /**
   * Whether the bridge can act for a user, asked again.
   * @throws MatrixError when the homeserver is away
   */
  async check(owner: string): Promise<PuppetState> {
    const { store } = this.#scope;
    if (!this.#isOurs(owner)) return { type: "elsewhere" };
    this.#refused.delete(owner);
    const access = this.#access(owner);
    if (access === undefined) return { type: store.puppets.find(owner)?.toldLost === true ? "lost" : "none" };
    const userId = await checkAccess(this.#intent(owner, access)).catch(withoutAccess);
    if (userId !== owner) {
      this.lose(owner);
      return { type: "lost" };
    }
    store.puppets.forgetLost(owner);
    this.wake(owner);
    return { type: "works", by: access.type };
  }

  async stop(): Promise<void> {
    await settleAll([...this.#puppets.values()].map((puppet) => puppet.stop()));
  }

  #isOurs(owner: string): boolean {
    return owner.endsWith(`:${this.#scope.domain}`);
  }

  #access(owner: string): PuppetAccess | undefined {
    const { permissions } = this.#scope;
    const secret = this.#secret;
    if (!this.#isOurs(owner) || !permissions.isAllowed(owner)) return undefined;
    const token = this.#tokenOf(owner);
    if (token !== undefined) return { type: "own-token", token };
    if (secret === undefined || this.#refused.has(owner)) return undefined;
    return { type: "registration", token: secret };
  }

  // One that was changed or moved on the disk is as good as one that is refused.
  #tokenOf(owner: string): string | undefined {
    const { store, log } = this.#scope;
    try {
      return store.puppets.token(owner);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "damaged")) throw error;
      log.error({ owner, error }, "the token of a user does not open; they have to give another");
      this.#end(owner, "own-token");
      return undefined;
    }
  }

  #end(owner: string, by: PuppetAccess["type"]): void {
    const { store, notices } = this.#scope;
    store.batch(() => {
      if (by === "own-token") this.logOut(owner);
      const isOver = this.#access(owner) === undefined;
      if (isOver && store.puppets.tellLost(owner)) notices.tell(owner, puppetLost(by));
    });
  }

  #intent(owner: string, access: PuppetAccess): PuppetIntent {
    const known = this.#open.get(owner);
    if (known?.access.type === access.type && known.access.token === access.token) return known.intent;
    const intent = this.#homeserver.puppet(owner, access);
    this.#open.set(owner, { access, intent });
    return intent;
  }

  #of(owner: string): Puppet {
    const known = this.#puppets.get(owner);
    if (known !== undefined) return known;
    const puppet = new Puppet(this.#scope, owner);
    this.#puppets.set(owner, puppet);
    return puppet;
  }

  intentOf(owner: string): PuppetIntent | undefined {
    const access = this.#access(owner);
    return access && this.#intent(owner, access);
  }

  // A token that is refused is never good again; the next one has to be given by the user, or by the admin.
  lose(owner: string): void {
    const { log } = this.#scope;
    const by = this.#access(owner)?.type;
    if (by === undefined) return;
    if (by === "registration") {
      this.#refused.add(owner);
      log.warn(`The homeserver does not let the token in double_puppet.secrets act for ${owner}: see docs/setup.md.`);
    }
    this.#end(owner, by);
    // The admin's token may do what the user's no longer does.
    this.wake(owner);
  }
}

function withoutAccess(error: unknown): undefined {
  if (error instanceof NoAccessError) return undefined;
  throw error;
}
