import { MatrixError } from "../../matrix/client/errors.ts";
import { accountKey, type Contact, type Roster } from "../../msn/index.ts";
import type { LoginRow } from "../../store/logins.ts";
import type { PortalTable } from "../../store/portals.ts";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import type { RateLimit } from "../../util/rate-limit.ts";
import { Reconciler } from "../base/reconciler.ts";
import type { LoginPortals } from "./login-portals.ts";
import type { Portal } from "../portal/portal.ts";
import type { Session } from "../session/session.ts";
import type { Settings } from "../base/settings.ts";

export interface EagerPortalsOptions {
  readonly row: LoginRow;
  readonly session: Session;
  readonly portals: LoginPortals;
  readonly rows: PortalTable;
  readonly settings: Pick<Settings, "createPortals">;
  /** Shared by all logins: homeservers under load take long to make a room. */
  readonly pace: RateLimit;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// Lists come in piece by piece.
const SETTLE_MS = 2000;

/** Makes rooms for contacts before anything is said, where the operator wants that; never again one that was left. */
export class EagerPortals {
  readonly #options: EagerPortalsOptions;
  readonly #reconciler: Reconciler;

  constructor(options: EagerPortalsOptions) {
    this.#options = options;
    const name = "the rooms of contacts who have said nothing yet";
    this.#reconciler = new Reconciler({ ...options, name, settleMs: SETTLE_MS, work: () => this.#makeAll() });
  }

  /** The account has signed in, or its contacts have changed. */
  wake(): void {
    if (this.#options.settings.createPortals !== "on-message") this.#reconciler.wake();
  }

  async stop(): Promise<void> {
    await this.#reconciler.stop();
  }

  async #makeAll(): Promise<void> {
    const { session, settings, portals, signal } = this.#options;
    const { roster } = session;
    if (roster === undefined) return;
    for (const contact of contactsWith(roster, settings.createPortals)) {
      if (signal.aborted || session.roster === undefined) return;
      if (!this.#isMissing(contact)) continue;
      if (await this.#takeTurn()) await this.#make(portals.direct(accountKey(contact.account)));
    }
  }

  // One room that the homeserver refuses is no reason to go without the others.
  async #make(portal: Portal): Promise<void> {
    try {
      await portal.room.ensure();
    } catch (error) {
      if (!(error instanceof MatrixError) || error.retryable) throw error;
      this.#options.log.warn({ error, portal: portal.row.id }, "the homeserver refused the room of a contact");
    }
  }

  #isMissing({ account }: Contact): boolean {
    const row = this.#options.rows.find(this.#options.row.id, "direct", accountKey(account));
    return row === undefined || (row.roomId === null && !row.dismissed);
  }

  /** False: the bridge stops. */
  async #takeTurn(): Promise<boolean> {
    const { pace, signal } = this.#options;
    await pace.turn(Number.POSITIVE_INFINITY, signal);
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
