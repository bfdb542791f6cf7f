import { commandText } from "../../convert/to-msn.ts";
import { saidTo, type BotAddress } from "./bot-address.ts";
import { BotCommandRoom } from "./command-room.ts";
import type { CommandRuns } from "./command-runs.ts";
import type { RoomWork } from "./room-work.ts";
import type { Arrival, Routing } from "./routing.ts";
import type { InboundScope } from "./scope.ts";

/** What a user says to the bot in their room with it. */
export class BotMessages {
  readonly #scope: InboundScope;
  readonly #address: BotAddress;
  readonly #work: RoomWork;
  readonly #commands: CommandRuns;

  constructor(scope: InboundScope, address: BotAddress, work: RoomWork, commands: CommandRuns) {
    this.#scope = scope;
    this.#address = address;
    this.#work = work;
    this.#commands = commands;
  }

  route(arrival: Arrival, routing: Routing): void {
    const { management, store } = this.#scope;
    const { event, rowId } = arrival;
    const { roomId, sender } = event;
    if (event.kind === "encrypted") {
      const step = { type: "offer-readable", roomId, owner: sender } as const;
      routing.prepared.push(this.#work.prepare(arrival, step));
      return;
    }
    // An edited command is a command: people correct their typing that way. So is one that is said as an answer.
    const reacted = event.kind === "reaction" ? event : undefined;
    const chosen = reacted && management.notices.commandOf(sender, reacted.target, reacted.key);
    const text = chosen ?? saidTo(this.#address, event, false) ?? commandText(event);
    if (text !== undefined) {
      const room = new BotCommandRoom(this.#scope, event, reacted?.target);
      const said = { text, isChosen: chosen !== undefined, room };
      routing.prepared.push(this.#commands.prepare(arrival, said));
      return;
    }
    // They have been quicker than the answer of the homeserver, which says what they react to.
    if (reacted !== undefined && management.notices.isSpeaking(sender)) routing.early.push(arrival);
    else store.journal.settle(rowId, "skipped", "no command");
  }
}
