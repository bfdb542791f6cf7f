import { MatrixError } from "../../matrix/client/errors.ts";
import type { MatrixEvent } from "../../convert/matrix-event.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import type { EventNow, EventsNow } from "./event-now.ts";
import { withPillNames } from "./pill-names.ts";
import { peopleIn } from "../../convert/text/pills.ts";
import type { Quoted } from "../../convert/text/quote.ts";
import { isNotice } from "../../convert/to-matrix.ts";
import { refersTo, textOf } from "../../convert/to-msn.ts";

/** Finds the messages and the people that an event is about, as the contact knows them. */
export class References {
  readonly #scope: PortalScope;
  readonly #events: EventsNow;

  constructor(scope: PortalScope, events: EventsNow) {
    this.#scope = scope;
    this.#events = events;
  }

  /** Whether the homeserver may have to be asked about other events or about people before an event can be sent. */
  isNeededFor(event: MatrixEvent): boolean {
    return refersTo(event) !== undefined || peopleIn(event.content).length > 0;
  }

  /**
   * What an event answers or reacts to.
   * @param isNeeded whether the event waits for it while the homeserver does not answer
   * @throws MatrixError that may pass
   */
  async of(event: MatrixEvent, isNeeded: boolean): Promise<Quoted | "ours" | undefined> {
    const target = refersTo(event);
    if (target === undefined) return undefined;
    const found = await this.#read(event.roomId, target).catch((error: unknown) => {
      if (error instanceof MatrixError && !isNeeded) return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    // What the bridge itself says is for the user's eyes only, and not to be quoted.
    if (isNotice(found.original)) return "ours";
    const text = textOf(await this.named(found.now));
    return text === undefined ? undefined : { name: this.#scope.names.nameOfUser(found.original.sender), text };
  }

  /** An event with the names of people as the contact knows them. */
  async named(event: MatrixEvent): Promise<MatrixEvent> {
    const { members, names } = this.#scope;
    return withPillNames(event, members.mainIntent, names);
  }

  async #read(roomId: string, eventId: string): Promise<EventNow | undefined> {
    const read = await this.#events.read(roomId, eventId);
    // Some clients name the edit that they show.
    return read?.original.kind === "edit" ? this.#events.read(roomId, read.original.target) : read;
  }
}
