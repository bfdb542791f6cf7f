import { settleAll } from "../../util/settle-all.ts";
import type { BaseScope } from "../base/scope.ts";
import type { RestState } from "../session/state.ts";
import { cutOff } from "../words/outages.ts";
import type { Login } from "./login.ts";
import type { Logins } from "./logins.ts";
import { OwedNotices } from "./owed-notices.ts";

/** A login that is to be signed out. */
interface Left extends Pick<Login, "row" | "network"> {
  readonly session: Pick<Login["session"], "stop">;
}

/** Signs logins out that stay signed in as far as their users are concerned: the bridge stops, or cannot go on. */
export class SignOuts {
  readonly #scope: BaseScope;
  readonly #logins: Pick<Logins, "all">;
  /** What users have to be told who were signed out while the disk took nothing. */
  readonly #owed: OwedNotices;

  constructor(scope: BaseScope, logins: Pick<Logins, "all">) {
    this.#scope = scope;
    this.#logins = logins;
    this.#owed = new OwedNotices(scope);
  }

  /** Signs an account out of MSN, and tells its owner if contacts could not be heard out. */
  async leave({ session, row, network }: Left, next?: RestState): Promise<void> {
    const { notices, calendar, log } = this.#scope;
    if (await session.stop(next)) return;
    log.warn({ login: row.id }, "contacts were still speaking when their conversation had to be closed");
    const sentence = cutOff(calendar.now(), network.name, next !== undefined);
    // Most likely it is left because the disk is full.
    if (next === undefined) notices.tell(row.owner, sentence);
    else this.#owed.tell(row.owner, sentence);
  }

  /** Begins nothing new; resolves once what is under way has ended. The rest stays in the journal. */
  async finish(): Promise<void> {
    const { all } = this.#logins;
    const ended = all.map((login) => login.stop());
    // Otherwise messages would wait for a connection that is not needed any more.
    for (const { session } of all) if (session.state.type !== "connected") void session.stop();
    await settleAll(ended);
  }

  /**
   * Signs every account out of MSN; they are signed in again by the next `start`.
   * @returns false when something that contacts said was lost and cannot even be told
   */
  async disconnect(): Promise<boolean> {
    const ended = this.#logins.all.map(async (login) => {
      const [left] = await Promise.allSettled([this.leave(login)]);
      // Whatever has failed: this is the last chance for what is held.
      return (await login.unstored.flush()) && left.status === "fulfilled";
    });
    return (await Promise.all(ended)).every(Boolean) && this.#owed.isEmpty;
  }

  /** Resolves once the spaces are at rest; to be called when nothing can be asked of the homeserver any more. */
  async rest(): Promise<void> {
    await settleAll(this.#logins.all.flatMap(({ spaces }) => spaces?.stop() ?? []));
  }
}
