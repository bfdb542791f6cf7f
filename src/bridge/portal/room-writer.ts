import { replacementIn } from "../../convert/matrix-event.ts";
import { asEdit, toMatrix, type ShownMessage } from "../../convert/to-matrix.ts";
import type { UserIntent } from "../../matrix/client/intent.ts";
import { lookBack, type Finding, type Sought } from "../room/look-back.ts";
import { isForbidden } from "../room/membership.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import type { GatheredEvent } from "../../store/gathered.ts";

const ABSENT: Finding = { type: "absent" };

/** What is known of a message that is to be written. */
interface Writing {
  /** The same for ever. */
  readonly txnId: string;
  /** When it was promised. */
  readonly since: Date;
  /** It may have been sent already, and homeservers forget transaction ids when they restart: it is looked for first. */
  readonly mayBeSent: boolean;
}

/** What became of it: `refused` says that its ghost cannot speak in the room, `unknown` that it cannot be known. */
export type Outcome = "sent" | "found" | "unknown" | "refused";

/** Writes a message into a portal's room as the user who says it, who is brought into the room where need be. */
export class RoomWriter {
  readonly #scope: PortalScope;

  constructor(scope: PortalScope) {
    this.#scope = scope;
  }

  /** @throws MatrixError */
  async write(roomId: string, message: ShownMessage, { txnId, since, mayBeSent }: Writing): Promise<Outcome> {
    const from = message.type === "notice" ? undefined : message.from;
    const sender = this.#scope.members.intentOf(from);
    const gathered = message.type === "notice" ? message.gathered : undefined;
    const finding = mayBeSent ? await this.#lookFor(sender, from, roomId, { key: txnId, since }) : ABSENT;
    if (finding.type === "found") this.#said(gathered, { roomId, eventId: finding.eventId });
    if (finding.type !== "absent") return finding.type;
    const { row: login, settings, store } = this.#scope;
    const said = toMatrix(message, txnId, { owner: login.owner, emoticons: settings.messages.emoticons });
    const before = gathered === undefined ? undefined : store.gathered.event(gathered);
    const content = before?.roomId === roomId ? asEdit(said, before.eventId) : said;
    const { room } = this.#scope;
    for (let isJoined = false; ; isJoined = true) {
      try {
        const eventId = await sender.send(roomId, "m.room.message", txnId, content);
        this.#said(gathered, { roomId, eventId });
        return "sent";
      } catch (error) {
        if (!isForbidden(error)) throw error;
        if (room.roomId !== roomId) return "refused";
        if (isJoined && (await this.#hasMoved(roomId, sender))) return "refused";
        if (isJoined) throw error;
        if (!(await room.membership.ensureJoined(roomId, sender, from))) return "refused";
      }
    }
  }

  // What it tells later is an edit of this, as long as the room is the same.
  #said(gathered: number | undefined, event: GatheredEvent): void {
    const { store } = this.#scope;
    if (gathered !== undefined && store.gathered.event(gathered)?.roomId !== event.roomId)
      store.gathered.said(gathered, event);
  }

  // Who upgrades a room lets nobody speak in the old one (Matrix spec, "Room Upgrades"), and may do so before we hear of it.
  async #hasMoved(roomId: string, sender: UserIntent): Promise<boolean> {
    const to = replacementIn(await sender.state(roomId, "m.room.tombstone").catch(withoutForbidden));
    if (to !== undefined) await this.#scope.room.follow(roomId, to);
    return to !== undefined;
  }

  async #lookFor(sender: UserIntent, from: string | undefined, roomId: string, sought: Sought): Promise<Finding> {
    const look = (): Promise<Finding | undefined> =>
      lookBack(this.#scope.calendar, sender, roomId, sought).catch(withoutForbidden);
    // The ghost was never in the room, or is out of it: some homeservers show those who have left nothing any more.
    const { membership } = this.#scope.room;
    const finding =
      (await look()) ?? ((await membership.ensureJoined(roomId, sender, from)) ? await look() : undefined);
    return finding ?? ABSENT;
  }
}

function withoutForbidden(error: unknown): undefined {
  if (!isForbidden(error)) throw error;
}
