import { isSpoken } from "../../convert/text/event-text.ts";
import { commandText } from "../../convert/to-msn.ts";
import { isState, type StateEvent } from "../../convert/matrix-event.ts";
import { isDiskError } from "../../store/errors.ts";
import type { PortalRow } from "../../store/portals.ts";
import type { Login } from "../login/login.ts";
import { ONLY_YOU } from "../words/groups.ts";
import { BotCommandRoom, ChatCommandRoom } from "./command-room.ts";
import type { CommandRuns } from "./command-runs.ts";
import type { RoomChanges } from "./room-changes.ts";
import type { Arrival, Routing } from "./routing.ts";
import { saidTo, type BotAddress } from "./bot-address.ts";
import type { InboundScope } from "./scope.ts";
import type { UnknownRooms } from "./unknown-rooms.ts";

/** What events are handed to. */
export interface RouterParts {
  readonly changes: RoomChanges;
  readonly commands: CommandRuns;
  readonly unknownRooms: UnknownRooms;
}

const NO_SERVER =
  "The MSN server of this chat is not in the configuration of this bridge any more, so nothing that you write there is delivered.";
const NOT_ALLOWED =
  "You may not use this bridge any more, so nothing that you write in your chats with MSN is delivered.";

/** Hands each event that was accepted from Matrix to what it is for. Asks nobody and waits for nothing. */
export class Router {
  readonly #scope: InboundScope;
  readonly #address: BotAddress;
  readonly #parts: RouterParts;

  constructor(scope: InboundScope, address: BotAddress, parts: RouterParts) {
    this.#scope = scope;
    this.#address = address;
    this.#parts = parts;
  }

  /** @throws what the disk throws */
  route(arrival: Arrival, routing: Routing): void {
    try {
      this.#route(arrival, routing);
    } catch (error) {
      if (isDiskError(error)) throw error;
      this.#scope.log.error({ error, row: arrival.rowId }, "an event could not be routed");
    }
  }

  #route(arrival: Arrival, routing: Routing): void {
    const { store, permissions, activity, management } = this.#scope;
    const { event } = arrival;
    const { roomId, sender } = event;
    if (isState(event)) return this.#change(arrival, event, routing);
    const portal = store.portals.findByRoom(roomId);
    // Whoever deletes it: what others can no longer see is not to be fetched either.
    if (event.kind === "redaction" && portal !== undefined) this.#endLinks(event.target, portal);
    if (!permissions.isAllowed(sender)) return this.#blocked(arrival, portal);
    activity.seen(sender, arrival.acceptedAt);
    const { unknownRooms } = this.#parts;
    if (this.#isHolding(roomId, routing)) routing.held.push(arrival);
    else if (portal !== undefined) this.#toPortal(arrival, portal, routing);
    else if (management.ownerOf(roomId) === sender) this.#toBot(arrival, routing);
    else if (routing.isBusy(roomId) || unknownRooms.mayBeOurs(event)) routing.held.push(arrival);
    else this.#skip(arrival, "no room of ours");
  }

  #change(arrival: Arrival, event: StateEvent, routing: Routing): void {
    const { changes, unknownRooms } = this.#parts;
    const isEarly = this.#matters(event) && !unknownRooms.isOurs(event.roomId) && unknownRooms.isBeingMade(event);
    if (isEarly || this.#isHolding(event.roomId, routing)) return void routing.held.push(arrival);
    const step = changes.take(event);
    if (step === undefined) this.#skip(arrival, "a change");
    else routing.tasks.push({ type: "step", arrival, step });
  }

  // What can change a room that is only being made. The bot is invited into others.
  #matters(event: StateEvent): boolean {
    if (event.kind !== "member") return event.kind !== "state";
    const { userId, membership } = event;
    return membership === "invite" ? userId !== this.#address.userId : membership !== "join";
  }

  #isHolding(roomId: string, routing: Routing): boolean {
    return this.#parts.unknownRooms.isHolding(roomId) || routing.holds(roomId);
  }

  // A user who was allowed once writes in their old rooms; strangers get no word.
  #blocked(arrival: Arrival, row: PortalRow | undefined): void {
    const { store, management, logins } = this.#scope;
    const { event } = arrival;
    const isPortal = row !== undefined && store.logins.get(row.loginId).owner === event.sender;
    if (isPortal || management.ownerOf(event.roomId) === event.sender) return this.#explain(arrival, NOT_ALLOWED);
    const login = row && logins.ofPortal(row);
    if (row === undefined || login === undefined) return this.#skip(arrival, "blocked");
    this.#fromOthers(arrival, row, login);
  }

  /** Tells a user, once for each room, why nothing that they write there crosses. */
  #explain({ rowId, event: { sender, roomId } }: Arrival, sentence: string): void {
    const { store, notices } = this.#scope;
    if (store.said.once(roomId, sentence)) notices.tell(sender, sentence);
    store.journal.settle(rowId, "failed", "refused");
  }

  #toPortal(arrival: Arrival, row: PortalRow, routing: Routing): void {
    const { event } = arrival;
    const login = this.#scope.logins.ofPortal(row);
    if (login === undefined) return this.#explain(arrival, NO_SERVER);
    if (login.row.owner !== event.sender) return this.#fromOthers(arrival, row, login);
    const portal = login.portals.of(row);
    login.portals.welcome(row);
    const text = saidTo(this.#address, event, true);
    if (text === undefined) {
      if (portal.deliver(arrival)) routing.next.set(portal, arrival);
      return;
    }
    const room = new ChatCommandRoom(this.#scope, event, portal);
    routing.tasks.push(this.#parts.commands.prepare(arrival, { text, isChosen: false, room }));
  }

  // What a user says in their room with the bot.
  #toBot(arrival: Arrival, routing: Routing): void {
    const { management } = this.#scope;
    const { event } = arrival;
    const { roomId, sender } = event;
    if (event.kind === "encrypted") {
      routing.tasks.push({ type: "step", arrival, step: { type: "offer-readable", roomId, owner: sender } });
      return;
    }
    // An edited command is a command: people correct their typing that way. So is one that is said as an answer.
    const reacted = event.kind === "reaction" ? event : undefined;
    const chosen = reacted && management.notices.commandOf(sender, reacted.target, reacted.key);
    const text = chosen ?? saidTo(this.#address, event, false) ?? commandText(event);
    if (text !== undefined) {
      const room = new BotCommandRoom(this.#scope, event, reacted?.target);
      const said = { text, isChosen: chosen !== undefined, room };
      routing.tasks.push(this.#parts.commands.prepare(arrival, said));
      return;
    }
    // They have been quicker than the answer of the homeserver, which says what they react to.
    if (reacted !== undefined && management.notices.isSpeaking(sender)) routing.early.push(arrival);
    else this.#skip(arrival, "no command");
  }

  #endLinks(eventId: string, portal: PortalRow): void {
    const { journal, publicLinks } = this.#scope.store;
    // Homeservers do not look whether what is deleted is in the same room. Of what is older than the journal nobody knows.
    const row = journal.findByEventId(eventId);
    if (row === undefined || row.portalId === portal.id) publicLinks.end(eventId);
  }

  // Once in each room, where all can read it.
  #fromOthers(arrival: Arrival, row: PortalRow, login: Login): void {
    const { event } = arrival;
    if (isSpoken(event.type, event.content)) login.portals.of(row).explain("only-you", ONLY_YOU);
    this.#skip(arrival, "not the owner");
  }

  #skip({ rowId }: Arrival, reason: string): void {
    this.#scope.store.journal.settle(rowId, "skipped", reason);
  }
}
