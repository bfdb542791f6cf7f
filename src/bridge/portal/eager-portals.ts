import { isRefusal } from "../../matrix/client/errors.ts";
import { accountKey, type Contact, type Roster } from "../../msn/index.ts";
import type { RateLimit } from "../../util/rate-limit.ts";
import { Reconciler, type Reconciled } from "../base/reconciler.ts";
import type { LoginPortals } from "./login-portals.ts";
import type { Portal } from "./portal.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { Settings } from "../base/settings.ts";

// Lists come in piece by piece.
const SETTLE_MS = 2000;

/** Makes rooms for contacts before anything is said, where the admin wants that; never again one that was left. */
export class EagerPortals implements Reconciled {
  readonly name = "the rooms of contacts who have said nothing yet";
  readonly settleMs = SETTLE_MS;
  readonly #scope: LoginScope;
  readonly #portals: LoginPortals;
  readonly #pace: RateLimit;
  readonly #reconciler: Reconciler;

  /** @param pace shared by all logins: homeservers under load take long to make a room */
  constructor(scope: LoginScope, portals: LoginPortals, pace: RateLimit) {
    this.#scope = scope;
    this.#portals = portals;
    this.#pace = pace;
    this.#reconciler = new Reconciler(scope, this);
  }

  /** The account has signed in, or its contacts have changed. */
  wake(): void {
    if (this.#scope.settings.createPortals !== "on-message") this.#reconciler.wake();
  }

  async stop(): Promise<void> {
    await this.#reconciler.stop();
  }

  async reconcile(): Promise<void> {
    const { session, settings, signal } = this.#scope;
    const { roster } = session;
    if (roster === undefined) return;
    for (const contact of contactsWith(roster, settings.createPortals)) {
      if (signal.aborted || session.roster === undefined) return;
      if (!this.#isMissing(contact)) continue;
      if (await this.#takeTurn()) await this.#make(this.#portals.direct(accountKey(contact.account)));
    }
  }

  // One room that the homeserver refuses is no reason to go without the others.
  async #make(portal: Portal): Promise<void> {
    try {
      await portal.room.ensure();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#scope.log.warn({ error, portal: portal.row.id }, "the homeserver refused the room of a contact");
    }
  }

  #isMissing({ account }: Contact): boolean {
    const { store, row: login } = this.#scope;
    const row = store.portals.find(login.id, "direct", accountKey(account));
    return row === undefined || (row.roomId === null && !row.dismissed);
  }

  /** False: the bridge stops. */
  async #takeTurn(): Promise<boolean> {
    const { signal } = this.#scope;
    await this.#pace.turn(Number.POSITIVE_INFINITY, signal);
    return !signal.aborted;
  }
}

/** The contacts who are to have a room, in the order of their names. */
export function contactsWith({ contacts, groups }: Roster, wanted: Settings["createPortals"]): Contact[] {
  if (wanted === "on-message") return [];
  const listed = [...contacts.values()].filter(({ lists }) => lists.has("FL"));
  const favourites = new Set([...groups].filter(([, name]) => isFavourites(name)).map(([id]) => id));
  const chosen = wanted === "all" ? listed : listed.filter((contact) => isIn(contact, favourites));
  return chosen.toSorted((a, b) => a.name.localeCompare(b.name) || a.account.localeCompare(b.account));
}

function isIn({ groups }: Contact, wanted: ReadonlySet<string>): boolean {
  return [...groups].some((id) => wanted.has(id));
}

// MSN has no favourites of its own before later dialects; people make a group of this name.
function isFavourites(name: string): boolean {
  return /^favou?rites$/iu.test(name.trim());
}
