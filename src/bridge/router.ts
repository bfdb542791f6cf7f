import { z } from "zod";
import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { Store } from "../store/store.ts";
import { Backoff } from "../util/backoff.ts";
import { sleep, type Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { SerialQueue } from "../util/serial-queue.ts";
import type { RunCommand } from "./command-request.ts";
import type { GhostIds } from "./ids.ts";
import type { Logins } from "./logins.ts";
import type { Management } from "./management.ts";
import { keyOf } from "./to-matrix.ts";

export interface RouterOptions {
  readonly store: Store;
  readonly logins: Logins;
  readonly management: Management;
  readonly ids: GhostIds;
  readonly bot: UserIntent;
  readonly intent: (userId: string) => UserIntent;
  readonly isAllowed: (userId: string) => boolean;
  readonly runCommand: RunCommand;
  /** What commands may, and outside the room with the bot must, begin with. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const routed = z.object({
  event_id: z.string(),
  room_id: z.string(),
  sender: z.string(),
  type: z.string(),
  state_key: z.string().optional(),
  content: z.record(z.string(), z.unknown()).default({}),
});
type RoutedEvent = z.output<typeof routed>;

const commandText = z.object({ msgtype: z.literal("m.text"), body: z.string() });
const edited = z.object({ "m.new_content": commandText });

// What one room with the bot may have waiting; people do not type faster.
const COMMAND_LIMIT = 100;
const RETRY = { first: 1000, most: 60_000 };
const TRIES = 8;

const NOT_YOUR_ROOM =
  "Contacts of MSN join only the rooms that this bridge makes. Use start-chat in your chat with the bot.";
const INTERRUPTED =
  "This bridge was stopped while it worked on your command, and does not know how far it came. Look with ping, and say it again if need be.";
const BROKEN = "Something in this bridge broke while it worked on your command. Tell whoever runs it.";
const ENCRYPTED = "I cannot read encrypted messages. Start a chat with me in which encryption is switched off.";
const NO_COMMANDS_HERE = "Commands are for your chat with the bot. This was not sent to your contact.";

/** Reads what the journal has accepted from Matrix and hands each event to whom it is for. Converts nothing. */
export class Router {
  readonly #options: RouterOptions;
  readonly #rooms = new Map<string, SerialQueue>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Routes journal rows, oldest first. */
  route(ids: readonly number[]): void {
    for (const id of ids) {
      try {
        this.#route(id);
      } catch (error) {
        this.#options.log.error({ error, row: id }, "an event could not be routed");
      }
    }
  }

  /** Routes what an earlier run left. Rows that belong to a portal already are worked off by it. */
  resume(): void {
    const { journal } = this.#options.store;
    this.route(journal.listOpen("to-msn").filter((id) => journal.get(id).portalId === null));
  }

  /** Waits for the commands that run. */
  async stop(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((queue) => queue.idle()));
  }

  #route(id: number): void {
    const { store, ids, bot, isAllowed, logins, management } = this.#options;
    const event = routed.safeParse(store.journal.body(id)).data;
    if (event === undefined) return this.#skip(id, "unreadable");
    if (event.sender === bot.userId || ids.isGhost(event.sender)) return this.#settleOwn(id, event);
    if (event.type === "m.room.member") return this.#member(id, event);
    if (!isAllowed(event.sender)) return this.#skip(id, "blocked");
    const portal = store.portals.findByRoom(event.room_id);
    if (portal !== undefined) {
      const login = logins.ofPortal(portal);
      if (login === undefined || login.row.owner !== event.sender) return this.#skip(id, "not the owner");
      if (this.#afterPrefix(event) !== undefined) return login.portalOf(portal).refuse(id, NO_COMMANDS_HERE);
      return login.portalOf(portal).deliver(id);
    }
    if (management.ownerOf(event.room_id) === event.sender) return this.#command(id, event);
    return this.#skip(id, "no room of ours");
  }

  // Our own event has come back: the message that it carries has arrived, whatever became of the answer to our request.
  #settleOwn(id: number, event: RoutedEvent): void {
    const { journal } = this.#options.store;
    const key = keyOf(event);
    const sent = key === undefined ? undefined : journal.findByTxnId(key);
    if (sent !== undefined) journal.settle(sent.id, "delivered");
    this.#skip(id, "our own");
  }

  #member(id: number, { room_id: roomId, sender, state_key: whom = "", content }: RoutedEvent): void {
    const { ids, bot, intent, management } = this.#options;
    const isInvite = content["membership"] === "invite";
    if (isInvite && whom === bot.userId) this.#later(id, roomId, () => management.invited(roomId, sender));
    else if (isInvite && ids.isGhost(whom)) this.#later(id, roomId, () => intent(whom).leave(roomId, NOT_YOUR_ROOM));
    else this.#skip(id, "a member");
  }

  #command(id: number, event: RoutedEvent): void {
    const { management, store } = this.#options;
    const { room_id: roomId, event_id: eventId, sender } = event;
    const say = (text: string): Promise<void> => management.say(roomId, text, eventId);
    if (event.type === "m.room.encrypted") return this.#later(id, roomId, () => say(ENCRYPTED));
    const text = this.#afterPrefix(event) ?? textOf(event);
    if (text === undefined) return this.#skip(id, "no command");
    // A command that was running when the process died is never run again.
    if (store.journal.get(id).state === "sending") return this.#later(id, roomId, () => say(INTERRUPTED), "uncertain");
    const redact = (): Promise<boolean> => management.redact(roomId, eventId, "It held a password.");
    this.#later(id, roomId, async () => {
      store.journal.markSending(id);
      try {
        await this.#options.runCommand({ sender, text, say, redact, logins: this.#options.logins });
      } catch (error) {
        this.#options.log.error({ error, sender }, "a command broke");
        await say(BROKEN);
      }
    });
  }

  /** What follows the prefix; undefined when the text does not begin with it. */
  #afterPrefix(event: RoutedEvent): string | undefined {
    const { prefix } = this.#options;
    const text = textOf(event)?.trimStart();
    if (text === undefined || text.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return undefined;
    const rest = text.slice(prefix.length);
    return rest === "" || /^\s/u.test(rest) ? rest.trimStart() : undefined;
  }

  /** Does something for a room once what came before is done, again while the homeserver is away, and settles the row. */
  #later(id: number, roomId: string, work: () => Promise<void>, state: "delivered" | "uncertain" = "delivered"): void {
    const { log, store } = this.#options;
    const queue = this.#rooms.get(roomId) ?? new SerialQueue(COMMAND_LIMIT);
    this.#rooms.set(roomId, queue);
    queue
      .add(() => this.#persist(work))
      .then(() => store.journal.settle(id, state))
      .catch((error: unknown) => {
        if (this.#options.signal.aborted) return;
        log.error({ error, row: id }, "an event for the bot could not be dealt with");
        store.journal.settle(id, "failed", error instanceof Error ? error.name : "internal");
      })
      .finally(() => {
        if (queue.size === 0) this.#rooms.delete(roomId);
      });
  }

  async #persist(work: () => Promise<void>): Promise<void> {
    const { clock, signal } = this.#options;
    const backoff = new Backoff(RETRY);
    for (let left = TRIES; ; left -= 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof MatrixError && error.retryable) || left === 1 || signal.aborted) throw error;
        await sleep(clock, backoff.next(), signal);
      }
    }
  }

  #skip(id: number, reason: string): void {
    this.#options.store.journal.settle(id, "skipped", reason);
  }
}

// An edited command is a command: people mend their typing that way.
function textOf({ type, content }: RoutedEvent): string | undefined {
  if (type !== "m.room.message") return undefined;
  return edited.safeParse(content).data?.["m.new_content"].body ?? commandText.safeParse(content).data?.body;
}
