import type { Journal } from "../../store/journal.ts";
import type { PartTable } from "../../store/parts.ts";
import type { TransferTable } from "../../store/transfers.ts";
import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import type { Members } from "../room/members.ts";
import type { Session } from "../session/session.ts";
import type { Settings } from "../base/settings.ts";
import type { FileLimits, FileServices } from "../scope/file-services.ts";
import type { PortalMessage } from "../../convert/to-matrix.ts";
import type { EditableNotice } from "./editable-notice.ts";

/** What files need of a portal. */
export interface FileContextOptions {
  readonly portalId: number;
  readonly members: Members;
  readonly session: Pick<Session, "sendFile" | "say">;
  readonly journal: Journal;
  readonly transfers: TransferTable;
  readonly parts: PartTable;
  readonly means: FileServices;
  readonly turns: FileLimits;
  readonly settings: Settings;
  /** Promises to show something in the room. */
  readonly show: (message: PortalMessage) => void;
  /** The room, made if there is none that the owner is in. @throws MatrixError */
  readonly openRoom: () => Promise<string>;
  /** Settles a row of the owner's that is uncertain: the contact has what it held. */
  readonly delivered: (rowId: number) => void;
  /** Settles a row of the owner's that is uncertain: the contact has nothing, and the owner is told why. */
  readonly failed: (rowId: number, reason: string, sentence: string) => void;
  /** Does work on the disk in one commit. */
  readonly batch: (work: () => void) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

/** A portal as one transfer sees it. */
export interface FileContext extends FileContextOptions {
  /** A notice in the room that changes; `onClick` hears with which of the reactions that it offers the owner answers. */
  readonly notice: (onClick: (key: string) => void) => EditableNotice;
  /** Whether the portal is to end, so that what is under way ends without a word, and is told by the next run. */
  readonly isStopping: () => boolean;
}
