import { unlessRefused } from "../../matrix/client/errors.ts";
import { readMatrixEvent, type MatrixEvent } from "../../convert/matrix-event.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { secretMark, type SecretMark } from "../bot/secret-mark.ts";
import type { Portal } from "../portal/portal.ts";
import type { Removal } from "../room/removal.ts";
import type { InboundScope } from "./scope.ts";

/** Where a command was said: how it is answered there, and how secrets are kept. */
export interface CommandRoom {
  readonly roomId: string;
  /** The chat, if it was not said to the bot. */
  readonly portal: Portal | undefined;
  readonly secretMark: SecretMark;
  /** Answers; promised once this returns. */
  say(text: string): void;
  /** Removes what was said, as far as that can be done. */
  redact(): Promise<Removal>;
  /**
   * Asks the homeserver whether the room holds the sender and the bot and nobody else at this moment.
   * @throws MatrixError
   */
  isPrivate(): Promise<boolean>;
  /** An event of the room; undefined: there is none, or it cannot be read. @throws MatrixError that may pass */
  event(eventId: string): Promise<MatrixEvent | undefined>;
}

/** The room of a user with the bot. */
export class BotCommandRoom implements CommandRoom {
  readonly portal = undefined;
  readonly secretMark: SecretMark;
  readonly #scope: InboundScope;
  readonly #said: MatrixEvent;
  readonly #replyTo: string;

  /** @param replyTo what the answer is a reply to */
  constructor(scope: InboundScope, said: MatrixEvent, replyTo = said.id) {
    this.#scope = scope;
    this.#said = said;
    this.#replyTo = replyTo;
    this.secretMark = secretMark(scope.store.said, said.roomId);
  }

  get roomId(): string {
    return this.#said.roomId;
  }

  say(text: string): void {
    const { sender, roomId } = this.#said;
    this.#scope.management.notices.say(sender, roomId, text, this.#replyTo);
  }

  async redact(): Promise<Removal> {
    return this.#scope.management.redact(this.roomId, versionsOf(this.#said));
  }

  async isPrivate(): Promise<boolean> {
    return this.#scope.management.isPrivate(this.roomId, this.#said.sender);
  }

  async event(eventId: string): Promise<MatrixEvent | undefined> {
    return readAs(this.#scope.bot, this.roomId, eventId);
  }
}

/** The room of a chat, where the contact's side reads too. */
export class ChatCommandRoom implements CommandRoom {
  readonly portal: Portal;
  readonly secretMark: SecretMark;
  readonly #scope: InboundScope;
  readonly #said: MatrixEvent;

  constructor(scope: InboundScope, said: MatrixEvent, portal: Portal) {
    this.#scope = scope;
    this.#said = said;
    this.portal = portal;
    this.secretMark = secretMark(scope.store.said, said.roomId);
  }

  get roomId(): string {
    return this.#said.roomId;
  }

  // Elsewhere if the command has ended the chat in which it was said.
  say(text: string): void {
    const { store, notices } = this.#scope;
    const { sender, roomId, id: replyTo } = this.#said;
    if (store.portals.findByRoom(roomId) === undefined) notices.tell(sender, text);
    else this.portal.show({ type: "notice", text, replyTo });
  }

  async redact(): Promise<Removal> {
    return this.portal.redact(this.roomId, versionsOf(this.#said));
  }

  isPrivate(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async event(eventId: string): Promise<MatrixEvent | undefined> {
    return readAs(this.portal.members.mainIntent, this.roomId, eventId);
  }
}

// What was edited still holds what it held.
function versionsOf(said: MatrixEvent): string[] {
  return said.kind === "edit" ? [said.target, said.id] : [said.id];
}

async function readAs(reader: UserIntent, roomId: string, eventId: string): Promise<MatrixEvent | undefined> {
  return readMatrixEvent(await reader.event(roomId, eventId).catch(unlessRefused), roomId);
}
