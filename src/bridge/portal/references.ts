import { MatrixError } from "../../matrix/client/errors.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { changeOf, headOf } from "../../convert/event-edits.ts";
import type { EventNow, EventsNow } from "./event-now.ts";
import { withPillNames } from "./pill-names.ts";
import type { Quoted } from "../../convert/text/quote.ts";
import { isNotice } from "../../convert/to-matrix.ts";
import { refersTo, textOf } from "../../convert/to-msn.ts";

export interface ReferencesOptions {
  readonly events: EventsNow;
  /** Who asks the homeserver. */
  readonly ghost: UserIntent;
  /** What the contacts call somebody who is in the room. */
  readonly nameOfUser: (userId: string) => string;
  /** The name of the contact for whom one of our users stands; undefined for other users. */
  readonly nameOfGhost: (userId: string) => string | undefined;
}

/** Finds the messages and the people that an event is about, as the contact knows them. */
export class References {
  readonly #options: ReferencesOptions;

  constructor(options: ReferencesOptions) {
    this.#options = options;
  }

  /**
   * What an event answers or reacts to.
   * @param isNeeded whether the event waits for it while the homeserver does not answer
   * @throws MatrixError that may pass
   */
  async of(event: unknown, roomId: string | null, isNeeded: boolean): Promise<Quoted | "ours" | undefined> {
    const target = refersTo(event);
    if (target === undefined || roomId === null) return undefined;
    const found = await this.#read(roomId, target).catch((error: unknown) => {
      if (error instanceof MatrixError && !isNeeded) return undefined;
      throw error;
    });
    // What the bridge itself says is for the person's eyes only, and nobody's words.
    if (isNotice(found?.original)) return "ours";
    const text = textOf(await this.named(found?.now, roomId));
    const sender = headOf(found?.original)?.sender;
    return text === undefined || sender === undefined ? undefined : { name: this.#options.nameOfUser(sender), text };
  }

  /** An event with the names of people as the contact knows them. */
  async named(event: unknown, roomId: string | null): Promise<unknown> {
    const { ghost, nameOfGhost } = this.#options;
    return withPillNames(event, roomId, ghost, nameOfGhost);
  }

  async #read(roomId: string, eventId: string): Promise<EventNow | undefined> {
    const { events } = this.#options;
    const read = await events.read(roomId, eventId);
    const edited = changeOf(read?.original);
    // Some clients name the edit that they show.
    return edited?.type === "edit" ? events.read(roomId, edited.eventId) : read;
  }
}
