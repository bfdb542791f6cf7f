import { MatrixError } from "../matrix/client/errors.ts";
import type { UserIntent } from "../matrix/client/intent.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../util/log.ts";

/** What alerts need of the bridge. */
interface AlertScope {
  readonly bot: UserIntent;
  readonly store: Pick<Store, "said" | "batch">;
  readonly log: Log;
}

/** Says what the bot has to say. */
interface BotNotices {
  /** Says something in a room; promised once it returns. */
  say(owner: string, roomId: string, text: string): void;
}

/** What the admins have to know: always in the log, and once for each kind in their room. */
export class Alerts {
  /** The room of the admins; undefined: they read the log only. */
  readonly room: string | undefined;
  readonly #scope: AlertScope;
  readonly #notices: BotNotices;

  constructor(scope: AlertScope, room: string | undefined, notices: BotNotices) {
    this.#scope = scope;
    this.room = room;
    this.#notices = notices;
  }

  /**
   * Tells something that an admin may have to do something about.
   * @param kind the same trouble is said once, until it is over
   * @param level how serious it is in the log
   */
  alert(kind: string, sentence: string, level: "error" | "info" = "error"): void {
    const { room } = this;
    const { log } = this.#scope;
    log[level](sentence);
    if (room === undefined) return;
    this.#tell(room, `alert ${kind}`, sentence).catch((error: unknown) =>
      log.warn({ error, room }, "the admins' room could not be told"),
    );
  }

  /** The trouble is over: the next of its kind is said again. */
  over(kind: string, sentence: string): void {
    const { room } = this;
    const { log, store } = this.#scope;
    if (room === undefined || !store.said.has(room, `alert ${kind}`)) return;
    log.info(sentence);
    store.batch(() => {
      store.said.forget(room, `alert ${kind}`);
      this.#say(room, sentence);
    });
  }

  /** The bot has come into the room: what it could not say there before is said when it happens again. */
  entered(): void {
    const { room } = this;
    const { store } = this.#scope;
    if (room === undefined) return;
    for (const what of store.said.list(room)) if (what.startsWith("alert ")) store.said.forget(room, what);
  }

  async #tell(room: string, what: string, sentence: string): Promise<void> {
    const { store, log } = this.#scope;
    if (store.said.has(room, what)) return;
    if (await this.#isEncrypted(room)) {
      log.warn({ room }, "the admins' room is encrypted, so that only the log says what they should know");
      return;
    }
    store.batch(() => {
      if (store.said.once(room, what)) this.#say(room, sentence);
    });
  }

  #say(room: string, sentence: string): void {
    this.#notices.say(this.#scope.bot.userId, room, sentence);
  }

  // If the homeserver does not say, it is told; whether the bot may write there shows then.
  async #isEncrypted(room: string): Promise<boolean> {
    try {
      return (await this.#scope.bot.state(room, "m.room.encryption")) !== undefined;
    } catch (error) {
      if (error instanceof MatrixError) return false;
      throw error;
    }
  }
}
