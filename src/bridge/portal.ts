import { MatrixError } from "../matrix/errors.ts";
import type { UserIntent } from "../matrix/intent.ts";
import type { PortalRow, Portals } from "../store/portals.ts";
import type { Said } from "../store/said.ts";
import { sleep } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { RoadToMatrix, type RoadRoom, type RoadToMatrixOptions } from "./road-to-matrix.ts";
import { RoadToMsn, type RoadToMsnOptions } from "./road-to-msn.ts";
import { isSuccessor, type OpenRoom } from "./room.ts";
import type { PortalMessage } from "./to-matrix.ts";

/** What a portal needs of its login and its ghost. */
export interface PortalOptions
  extends
    Omit<RoadToMatrixOptions, "portalId" | "room">,
    Omit<
      RoadToMsnOptions,
      "portalId" | "answer" | "sayOnce" | "signal" | "clock" | "batch" | "log" | "journal" | "ghost" | "name"
    > {
  readonly row: PortalRow;
  readonly portals: Portals;
  readonly said: Said;
  readonly ghost: UserIntent;
  readonly owner: string;
  /** Gives the portal its room, made if there is none. @throws MatrixError */
  readonly makeRoom: () => Promise<OpenRoom>;
  readonly log: Log;
}

const INVITED_MS = 3000;

const LEFT = "The person this chat is for has left it.";

/** One conversation and its room. Both roads keep their order by working off the journal row by row. */
export class Portal implements RoadRoom {
  readonly #options: PortalOptions;
  readonly #toMatrix: RoadToMatrix;
  readonly #toMsn: RoadToMsn;
  #opening: Promise<OpenRoom> | undefined;

  constructor(options: PortalOptions) {
    this.#options = options;
    const { row } = options;
    this.#toMatrix = new RoadToMatrix({ ...options, portalId: row.id, room: this });
    this.#toMsn = new RoadToMsn({
      ...options,
      portalId: row.id,
      answer: (eventId, text) => this.show({ type: "notice", text, ...(eventId !== null && { replyTo: eventId }) }),
      sayOnce: (what) => this.roomId === null || options.said.once(this.roomId, what),
    });
  }

  get roomId(): string | null {
    return this.#options.portals.get(this.#options.row.id).roomId;
  }

  /** The contact said something, or the bridge has something to say in the room: promised from here on. */
  show(message: PortalMessage): void {
    this.#toMatrix.accept(message);
  }

  /** The journal holds an event of the owner for this portal. */
  deliver(rowId: number): void {
    this.#toMsn.accept(rowId);
  }

  /** The journal holds an event of the owner that must not cross; she is told why. */
  refuse(rowId: number, sentence: string): void {
    this.#toMsn.refuse(rowId, sentence);
  }

  /** Sends again what was not delivered last. @throws MatrixError */
  async retry(): Promise<boolean> {
    return this.#toMsn.retry();
  }

  /** Removes events of the owner. False: that is not in the ghost's power. @throws MatrixError */
  async redact(roomId: string, eventIds: readonly string[]): Promise<boolean> {
    try {
      for (const id of eventIds) await this.#options.ghost.redact(roomId, id, `redact-${id}`, "It held a password.");
      return true;
    } catch (error) {
      if (error instanceof MatrixError && error.code === "forbidden") return false;
      throw error;
    }
  }

  /** Works off what an earlier run of the bridge left in the journal. */
  resume(): void {
    this.#toMatrix.wake();
    this.#toMsn.wake();
  }

  /** Ends what is under way and starts nothing more; the rest stays in the journal. */
  async stop(): Promise<void> {
    await Promise.all([this.#toMatrix.stop(), this.#toMsn.stop()]);
  }

  async open(): Promise<OpenRoom> {
    // Merged, so that two who need the room at the same time never have two made.
    this.#opening ??= this.#options.makeRoom().finally(() => (this.#opening = undefined));
    const room = await this.#opening;
    // What waited because she had declined a room can be shown now.
    this.#toMatrix.wake();
    return room;
  }

  async isRead(roomId: string): Promise<boolean> {
    const { ghost, owner } = this.#options;
    try {
      const membership = await ghost.membership(roomId, owner);
      return membership === "join" || membership === "invite";
    } catch (error) {
      // The ghost itself is not in the room any more.
      if (error instanceof MatrixError && error.code === "forbidden") return false;
      throw error;
    }
  }

  lose(roomId: string): void {
    const { portals, row, log, ghost } = this.#options;
    if (this.roomId !== roomId) return;
    portals.setRoom(row.id, null);
    log.info({ portal: row.id, room: roomId }, "a portal has lost its room");
    // A ghost that stays behind does no harm: the room is not the portal's any more.
    ghost.leave(roomId, LEFT).catch((error: unknown) => log.debug({ error, room: roomId }, "a ghost could not leave"));
  }

  /** The room was upgraded: goes on in the one that replaces it, or in a new one. @throws MatrixError */
  async follow(from: string, to: string): Promise<void> {
    if (this.roomId !== from) return;
    // Until it is done, nothing may be shown in the old room.
    this.#opening = this.#follow(from, to).finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #follow(from: string, to: string): Promise<OpenRoom> {
    const { portals, row, log, ghost, makeRoom, clock, signal } = this.#options;
    // Whoever upgrades a room invites its people afterwards.
    if (!(await isSuccessor(ghost, from, to))) await sleep(clock, INVITED_MS, signal);
    if ((await isSuccessor(ghost, from, to)) && (await this.isRead(to))) {
      portals.setRoom(row.id, to);
      log.info({ portal: row.id, from, to }, "a portal has moved to the room that replaces its own");
      return { roomId: to, isNew: false, isEncrypted: false };
    }
    this.lose(from);
    return makeRoom();
  }
}
