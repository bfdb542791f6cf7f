import type { Store } from "../../store/store.ts";
import type { Management } from "../bot/management.ts";
import { secretMark, type SecretMark } from "../bot/secret-mark.ts";
import type { Portal } from "../portal/portal.ts";
import type { Removal } from "../room/removal.ts";

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
}

/** The event with which a command was said. */
export interface SaidBy {
  readonly sender: string;
  readonly roomId: string;
  /** What the answer is a reply to. */
  readonly replyTo: string;
  /** The events that hold what was said. */
  readonly versions: readonly string[];
}

interface Scope {
  readonly store: Pick<Store, "portals" | "said">;
  readonly management: Management;
}

/** The room of a user with the bot. */
export class BotCommandRoom implements CommandRoom {
  readonly portal = undefined;
  readonly secretMark: SecretMark;
  readonly #scope: Scope;
  readonly #said: SaidBy;

  constructor(scope: Scope, said: SaidBy) {
    this.#scope = scope;
    this.#said = said;
    this.secretMark = secretMark(scope.store.said, said.roomId);
  }

  get roomId(): string {
    return this.#said.roomId;
  }

  say(text: string): void {
    const { sender, roomId, replyTo } = this.#said;
    this.#scope.management.notices.say(sender, roomId, text, replyTo);
  }

  async redact(): Promise<Removal> {
    return this.#scope.management.redact(this.roomId, this.#said.versions);
  }

  async isPrivate(): Promise<boolean> {
    return this.#scope.management.isPrivate(this.roomId, this.#said.sender);
  }
}

/** The room of a chat, where the contact's side reads too. */
export class ChatCommandRoom implements CommandRoom {
  readonly portal: Portal;
  readonly secretMark: SecretMark;
  readonly #scope: Scope;
  readonly #said: SaidBy;

  constructor(scope: Scope, said: SaidBy, portal: Portal) {
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
    const { store, management } = this.#scope;
    const { sender, roomId, replyTo } = this.#said;
    if (store.portals.findByRoom(roomId) === undefined) management.notices.tell(sender, text);
    else this.portal.show({ type: "notice", text, replyTo });
  }

  async redact(): Promise<Removal> {
    return this.portal.redact(this.roomId, this.#said.versions);
  }

  isPrivate(): Promise<boolean> {
    return Promise.resolve(false);
  }
}
