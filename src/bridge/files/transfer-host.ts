import type { JournalRow } from "../../store/journal-row.ts";
import type { NoticeIndex } from "./notice-index.ts";

/** A row of the owner's, as far as telling what became of it needs it. */
export type SentRow = Pick<JournalRow, "id" | "roomId" | "eventId">;

/** The row of the owner's message that holds a file. */
export type FileRow = SentRow & Pick<JournalRow, "created">;

/** Settles rows of the owner, and shows what became of them. */
export interface RowOutcomes {
  /** The contact has everything that the row held. */
  delivered(row: SentRow): void;
  /** The contact does not have it, or may not; the owner is told why. */
  undelivered(row: SentRow, state: "failed" | "uncertain", reason: string, sentence: string): void;
}

/** What a transfer needs of the files of its portal. `PortalFiles` has it. */
export interface TransferHost {
  readonly notices: NoticeIndex;
  readonly outcomes: RowOutcomes;
  /** What is under way then ends without a word; the next run of the bridge tells of it. */
  readonly isStopping: boolean;
  /** Whether the owner may be asked about one more file, which counts. */
  mayAsk(): boolean;
}

/** More files are under way than a login may have waiting. */
export class TooManyFiles extends Error {
  override readonly name = "TooManyFiles";

  static create(this: void): TooManyFiles {
    return new TooManyFiles("too many files are waiting");
  }
}
