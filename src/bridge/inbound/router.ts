import type { UserIntent } from "../../matrix/client/intent.ts";
import { isDiskError } from "../../store/errors.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Store } from "../../store/store.ts";
import { later, type Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { SerialQueue } from "../../util/serial-queue.ts";
import type { Activity } from "../presence/activity.ts";
import type { CommandRunner } from "./command-request.ts";
import { BotCommandRoom, ChatCommandRoom, type CommandRoom, type SaidBy } from "./command-room.ts";
import { CommandRuns } from "./command-runs.ts";
import { UnknownRooms } from "./unknown-rooms.ts";
import type { GhostIds } from "../../convert/ghost-ids.ts";
import { ONLY_YOU } from "../words/groups.ts";
import { InOrder } from "../portal/in-order.ts";
import type { Login } from "../login/login.ts";
import type { Logins } from "../login/logins.ts";
import type { Management } from "../bot/management.ts";
import { retry } from "../base/retry.ts";
import { RoomChanges } from "./room-changes.ts";
import { isSpoken } from "../../convert/text/event-text.ts";
import { isState, readMatrixEvent, type MatrixEvent, type StateEvent } from "../../convert/matrix-event.ts";
import { toldTo } from "../../convert/text/addressed.ts";
import { commandText } from "../../convert/to-msn.ts";
import { commitWithRetry } from "../base/commit.ts";

export interface RouterOptions {
  readonly store: Store;
  readonly logins: Logins;
  readonly management: Management;
  readonly ids: GhostIds;
  readonly bot: UserIntent;
  /** What the bot is called. */
  readonly botName: string;
  readonly intent: (userId: string) => UserIntent;
  readonly isAllowed: (userId: string) => boolean;
  readonly activity: Activity;
  readonly commands: CommandRunner;
  /** What commands may, and outside the room with the bot must, begin with. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

// What one room may have waiting for the bot.
const ROOM_LIMIT = 100;
const TRIES = 8;
const AGAIN_MS = 500;

const NO_SERVER =
  "The MSN server of this chat is not in the configuration of this bridge any more, so nothing that you write there is delivered.";
const NOT_ALLOWED =
  "You may not use this bridge any more, so nothing that you write in your chats with MSN is delivered.";

/** Reads what the journal has accepted from Matrix and hands each event to whom it is for. Converts nothing. */
export class Router {
  readonly #options: RouterOptions;
  readonly #changes: RoomChanges;
  readonly #rooms = new Map<string, SerialQueue>();
  readonly #unknownRooms: UnknownRooms;
  readonly #commands: CommandRuns;
  /** What is to be begun once the rows that it is about are written. */
  readonly #starts: Array<() => void> = [];
  readonly #inOrder: InOrder;

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#inOrder = new InOrder({ ...options, work: (rowIds) => this.#routeAll(rowIds) });
    this.#commands = new CommandRuns(options);
    this.#unknownRooms = new UnknownRooms({ ...options, isBusy: (roomId) => this.#rooms.has(roomId) }, (ids) =>
      this.route(ids),
    );
    this.#changes = new RoomChanges({
      ...options,
      accept: (events) => this.route(options.store.journal.accept(events).map(({ id }) => id)),
    });
  }

  /**
   * Whether an event is one of our own that has come back. Those need no row: whoever sent them knows better than they do
   * whether they were seen.
   */
  isOwn(event: unknown): boolean {
    const { bot, ids } = this.#options;
    const sender = readMatrixEvent(event)?.sender;
    return sender !== undefined && (sender === bot.userId || ids.isGhost(sender));
  }

  /** Whether rows wait that the disk did not let be routed. */
  get isBehind(): boolean {
    return this.#inOrder.isWaiting;
  }

  /** Routes journal rows, oldest first. */
  route(rowIds: readonly number[]): void {
    this.#inOrder.take(rowIds);
  }

  #routeAll(rowIds: readonly number[]): void {
    this.#options.store.batch(() => {
      // It is done again where room could be made on the disk.
      this.#starts.length = 0;
      for (const id of rowIds) this.#tryToRoute(id);
    });
    // Only now is it certain that what they are about will not be routed again.
    for (const start of this.#starts.splice(0)) start();
  }

  /** Routes what an earlier run left. Rows that belong to a portal already are worked off by it. */
  resume(): void {
    const { journal } = this.#options.store;
    this.route(journal.listOpen("to-msn").filter((id) => journal.get(id).portalId === null));
  }

  /** Waits for what is being done for the bot's rooms. */
  async stop(): Promise<void> {
    await Promise.all([this.#commands.stop(), ...[...this.#rooms.values()].map((queue) => queue.idle())]);
  }

  #tryToRoute(id: number): void {
    try {
      this.#route(id);
    } catch (error) {
      if (isDiskError(error)) throw error;
      this.#options.log.error({ error, row: id }, "an event could not be routed");
    }
  }

  #route(id: number): void {
    const { store, isAllowed, management } = this.#options;
    const event = readMatrixEvent(store.journal.body(id));
    if (event === undefined) return this.#skip(id, "unreadable");
    if (isState(event)) return this.#change(id, event);
    if (!isAllowed(event.sender)) return this.#blocked(id, event);
    this.#options.activity.seen(event.sender, store.journal.get(id).created);
    if (this.#unknownRooms.follow(id, event.roomId)) return;
    if (store.portals.findByRoom(event.roomId) !== undefined) return this.#toPortal(id, event);
    if (management.ownerOf(event.roomId) === event.sender) return this.#toBot(id, event);
    if (this.#unknownRooms.keep(id, event)) return;
    return this.#skip(id, "no room of ours");
  }

  #change(id: number, event: StateEvent): void {
    const work = this.#changes.take(event);
    if (work === undefined) this.#skip(id, "a change");
    else this.#later(id, event.roomId, work);
  }

  // Somebody who was allowed once writes in her old rooms; strangers get no word.
  #blocked(id: number, event: MatrixEvent): void {
    const { store, management, logins } = this.#options;
    const row = store.portals.findByRoom(event.roomId);
    const isPortal = row !== undefined && store.logins.get(row.loginId).owner === event.sender;
    if (isPortal || management.ownerOf(event.roomId) === event.sender) return this.#explain(id, event, NOT_ALLOWED);
    const login = row && logins.ofPortal(row);
    if (row === undefined || login === undefined) return this.#skip(id, "blocked");
    this.#fromOthers(id, event, row, login);
  }

  /** Tells somebody, once for each room, why nothing that she writes there crosses. */
  #explain(id: number, { sender, roomId }: MatrixEvent, sentence: string): void {
    const { store, management } = this.#options;
    if (store.said.once(roomId, sentence)) management.notices.tell(sender, sentence);
    store.journal.settle(id, "failed", "refused");
  }

  #toPortal(id: number, event: MatrixEvent): void {
    const { store, logins } = this.#options;
    const row = store.portals.findByRoom(event.roomId);
    const login = row && logins.ofPortal(row);
    if (row !== undefined && login === undefined) return this.#explain(id, event, NO_SERVER);
    if (row === undefined || login === undefined) return this.#skip(id, "not the owner");
    if (login.row.owner !== event.sender) return this.#fromOthers(id, event, row, login);
    const portal = login.portals.of(row);
    const text = this.#toldTo(event, true);
    if (text === undefined) return portal.deliver({ rowId: id, event });
    return this.#command(id, event, text, new ChatCommandRoom(this.#options, saidBy(event), portal));
  }

  // Once in each room, where all can read it.
  #fromOthers(id: number, event: MatrixEvent, row: PortalRow, login: Login): void {
    if (isSpoken(event.type, event.content)) login.portals.of(row).explain("only-you", ONLY_YOU);
    this.#skip(id, "not the owner");
  }

  #toBot(id: number, event: MatrixEvent): void {
    const { management } = this.#options;
    const { roomId, sender } = event;
    if (event.kind === "encrypted") return this.#later(id, roomId, () => management.unreadable(roomId, sender));
    const reacted = event.kind === "reaction" ? event : undefined;
    const chosen = reacted && management.notices.commandOf(sender, reacted.target, reacted.key);
    const text = chosen ?? this.#toldTo(event, false) ?? commandText(event);
    // She has been quicker than the answer of the homeserver, which says what she reacts to.
    if (text === undefined && reacted !== undefined && management.notices.isSpeaking(sender)) return this.#again(id);
    if (text === undefined) return this.#skip(id, "no command");
    const room = new BotCommandRoom(this.#options, saidBy(event, reacted?.target));
    return this.#command(id, event, text, room, chosen !== undefined);
  }

  #again(id: number): void {
    const { clock, signal } = this.#options;
    later(clock, AGAIN_MS, signal, () => this.route([id]));
  }

  // An edited command is a command: people correct their typing that way. So is one that is said as an answer.
  // Commands are started in the order in which they come; what waits for what is for them to decide, since some of
  // them, like `cancel`, must not wait.
  #command(id: number, { sender }: MatrixEvent, text: string, room: CommandRoom, isChosen = false): void {
    const now = this.#options.clock.now();
    this.#starts.push(this.#commands.prepare(id, { sender, now, text, isChosen, room }));
  }

  /** What is said to the bot behind the prefix or its name; undefined when the text begins with neither. */
  #toldTo(event: MatrixEvent, isChat: boolean): string | undefined {
    const { prefix, bot, botName: name } = this.#options;
    const text = commandText(event);
    return text === undefined ? undefined : toldTo(text, event.content, { userId: bot.userId, name, prefix }, isChat);
  }

  /** Does something for a room once what came before is done, again while the homeserver is away, and settles the row. */
  #later(id: number, roomId: string, work: () => Promise<void>): void {
    const { log, store, clock, signal } = this.#options;
    const queue = this.#rooms.get(roomId) ?? new SerialQueue(ROOM_LIMIT);
    this.#rooms.set(roomId, queue);
    const settle = (state: "delivered" | "failed", reason?: string): void =>
      commitWithRetry(this.#options, () => void store.journal.settle(id, state, reason));
    const run = async (): Promise<void> => {
      try {
        await queue.add(() => retry(work, { clock, signal, tries: TRIES }));
        settle("delivered");
      } catch (error) {
        if (signal.aborted) return;
        log.error({ error, row: id }, "a change of a room could not be dealt with");
        settle("failed", error instanceof Error ? error.name : "internal");
      } finally {
        if (queue.size === 0) this.#rooms.delete(roomId);
      }
    };
    this.#starts.push(() => void run());
  }

  #skip(id: number, reason: string): void {
    this.#options.store.journal.settle(id, "skipped", reason);
  }
}

function saidBy(event: MatrixEvent, replyTo = event.id): SaidBy {
  return { sender: event.sender, roomId: event.roomId, replyTo, versions: versionsOf(event) };
}

// What was edited still holds what it held.
function versionsOf(event: MatrixEvent): string[] {
  return event.kind === "edit" ? [event.target, event.id] : [event.id];
}
