import type { Delivery, OutgoingContent } from "../../msn/index.ts";
import type { PortalRow } from "../../store/portals.ts";
import { settleAll } from "../../util/settle-all.ts";
import { PortalFiles, type FilesPortal } from "../files/portal-files.ts";
import type { AcceptedEvent } from "../base/accepted-event.ts";
import type { Members } from "../room/members.ts";
import type { MetGroups } from "../room/met-groups.ts";
import type { PortalRoom } from "../room/portal-room.ts";
import { portalScope, type PortalScope } from "../room/portal-scope.ts";
import { removeAll, type Removal } from "../room/removal.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { PortalMessage } from "../../convert/to-matrix.ts";
import { MatrixDelivery } from "./matrix-delivery.ts";
import { MsnDelivery } from "./msn-delivery.ts";
import { Outcomes } from "./outcomes.ts";
import { PortalDepth } from "./portal-depth.ts";
import { PortalTyping } from "./typing.ts";

/** One conversation and its room. Both deliveries keep their order by working off the journal row by row. */
export class Portal implements FilesPortal {
  readonly members: Members;
  readonly room: PortalRoom;
  readonly typing: PortalTyping;
  readonly files: PortalFiles;
  readonly #scope: PortalScope;
  readonly #depth: PortalDepth;
  readonly #toMatrix: MatrixDelivery;
  readonly #toMsn: MsnDelivery;
  readonly #outcomes: Outcomes;

  constructor(login: LoginScope, row: PortalRow, groups: MetGroups) {
    const scope = portalScope(login, { row, groups }, this);
    const { members, room } = scope;
    this.#scope = scope;
    this.members = members;
    this.room = room;
    this.typing = new PortalTyping(scope);
    this.#depth = new PortalDepth(scope);
    this.#outcomes = new Outcomes(scope);
    this.#toMatrix = new MatrixDelivery(scope, this.typing);
    this.files = new PortalFiles(scope, this, this.#outcomes);
    this.#toMsn = new MsnDelivery(scope, this.files, this.#outcomes);
  }

  get roomId(): string | null {
    return this.room.roomId;
  }

  /** As it is on disk now. */
  get row(): PortalRow {
    return this.room.row;
  }

  /** A contact said or did something: promised once this resolves. @throws what the disk throws */
  async hear(message: PortalMessage): Promise<void> {
    await this.room.hear(message);
    this.#depth.add(message);
  }

  /** The bridge has something to say in the room, or brings a ghost there: promised from here on. */
  show(message: PortalMessage): void {
    this.room.show(message);
  }

  /** The homeserver gives back a message of ours in a room, in order with its other events. */
  echoed(roomId: string, key: string): void {
    this.#toMatrix.echoed(roomId, key);
  }

  /** Says something in the room, once in the life of the room. */
  explain(what: string, sentence: string): void {
    if (this.roomId !== null && this.room.isFirst(what)) this.room.say(sentence);
  }

  /** Tells in the room what of the contacts was not done; where there is much of it, in one notice. */
  refuse(reason: string, sentence: string): void {
    this.#scope.refusals.tell({ kind: "from-msn", reason, sentence });
  }

  /** The journal holds an event of the owner for this portal. @returns whether it is the next to be sent */
  deliver(accepted: AcceptedEvent): boolean {
    this.typing.owner(false);
    return !this.files.take(accepted) && this.#toMsn.accept(accepted);
  }

  /** All that a transaction has for this portal was delivered, and that is next; to be called in the same commit. */
  prepare(next: AcceptedEvent): void {
    this.#toMsn.prepare(next);
  }

  /** Says something that is not an event of the room, and is not kept. */
  async say(content: OutgoingContent, acceptedAt: number): Promise<Delivery> {
    return this.#scope.session.say(this.members, content, acceptedAt);
  }

  /** Sends again what was not delivered last. @throws MatrixError */
  async retry(): Promise<boolean> {
    return this.#toMsn.retry();
  }

  /** Removes events of the owner, as far as that is in the main user's power. */
  async redact(roomId: string, eventIds: readonly string[]): Promise<Removal> {
    return removeAll(this.members.mainIntent, roomId, eventIds, this.#scope);
  }

  /** What waited to be shown may be shown now. */
  wake(): void {
    this.#toMatrix.wake();
  }

  /** Works off what an earlier run of the bridge left in the journal. */
  resume(): void {
    this.files.resume();
    this.#scope.refusals.resume();
    this.#toMatrix.wake();
    this.#toMsn.wake();
  }

  /** Ends what is under way and starts nothing more; the rest stays in the journal. */
  async stop(): Promise<void> {
    this.#depth.stop();
    await settleAll([
      this.#toMatrix.stop(),
      this.#toMsn.stop(),
      this.files.stop(),
      this.#outcomes.stop(),
      this.room.idle(),
    ]);
  }
}
