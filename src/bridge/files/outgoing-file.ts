import type { Readable } from "node:stream";
import { MatrixError } from "../../matrix/client/errors.ts";
import { MsnError, textContents, type FileSend } from "../../msn/index.ts";
import type { FileToSend } from "../../convert/to-msn.ts";
import { commitWithRetry } from "../base/commit.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import {
  aboutOutgoing,
  CANCEL_KEY,
  linkText,
  REST_WAITS,
  TOO_MANY_FILES,
  whyHomeserver,
  type FileSubject,
} from "../words/files.ts";
import { EditableNotice, type NoticeListener } from "./editable-notice.ts";
import { inspectFile } from "./inspect-file.ts";
import { lazyStream } from "./lazy-stream.ts";
import { Progress } from "./progress.ts";
import { canRetry, GROUP_REFUSAL, refusalOf, tooLarge, type FileRefusal } from "./refusal.ts";
import { TooManyFiles, type FileRow, type TransferHost } from "./transfer-host.ts";

/** A file of a message that is under way, and its row in the table `transfer`. */
export interface PendingFile {
  readonly row: FileRow;
  readonly file: FileToSend;
  readonly transferId: number;
}

/** How it ended for the owner. */
type Ending =
  | { readonly type: "delivered" }
  | { readonly type: "linked"; readonly why: string; readonly expires: Date }
  | { readonly type: "failed"; readonly reason: string; readonly why: string; readonly isLinkLost?: boolean }
  | { readonly type: "cancelled" };

/** A file that the owner sends: it is offered to the contact, or a link to it where that cannot be. */
export class OutgoingFile implements NoticeListener {
  /** What the owner reads about it while it lasts. */
  readonly notice: EditableNotice;
  readonly #scope: PortalScope;
  readonly #host: TransferHost;
  readonly #pending: PendingFile;
  readonly #cancelled = new AbortController();
  #subject: FileSubject;
  #sending: FileSend | undefined;
  #isDeleted = false;

  constructor(scope: PortalScope, host: TransferHost, pending: PendingFile) {
    this.#scope = scope;
    this.#host = host;
    this.#pending = pending;
    this.#subject = { contact: scope.members.name(), file: pending.file.name, size: 0 };
    this.notice = new EditableNotice(scope, host.notices, this);
  }

  /** The event of the message that holds it. */
  get eventId(): string | null {
    return this.#pending.row.eventId;
  }

  clicked(key: string): void {
    if (key === CANCEL_KEY) this.stop();
  }

  /** Ends it; the owner is not told. */
  stop(): void {
    this.#cancelled.abort(new Error("the file is not to be sent any more"));
    this.#sending?.cancel();
  }

  /** The owner has deleted the message. */
  deleted(): void {
    this.#isDeleted = true;
    this.stop();
  }

  /** Resolves at its end. @returns the next file of the same message, which is under way from then on */
  async run(): Promise<PendingFile | undefined> {
    const { toMsn } = this.#scope.fileLimits;
    const ending = await toMsn
      .run(() => this.#send(), TooManyFiles.create)
      .catch((error: unknown) => this.#broken(error));
    if (this.#host.isStopping && ending.type !== "delivered" && ending.type !== "linked") return undefined;
    // Until the disk takes it, the files that follow wait for the next run.
    let next: PendingFile | undefined;
    this.#endNotice(ending);
    commitWithRetry(this.#scope, () => (next = this.#settle(ending)));
    await this.notice.idle();
    // What a stop cuts off is told by the next run.
    return this.#host.isStopping ? undefined : next;
  }

  async #send(): Promise<Ending> {
    const { files, settings } = this.#scope;
    const { signal } = this.#cancelled;
    if (this.#isCancelled()) return { type: "cancelled" };
    const maxBytes = Math.max(settings.files.maxSize, files.links?.maxBytes ?? 0);
    try {
      const found = await inspectFile(files.media, this.#pending.file, { maxBytes, signal });
      this.#subject = { ...found, contact: this.#subject.contact };
    } catch (error) {
      if (this.#isCancelled()) return { type: "cancelled" };
      if (!(error instanceof MatrixError)) throw error;
      return { type: "failed", reason: error.code, why: whyHomeserver(error) };
    }
    const refusal = await this.#offer();
    if (refusal === undefined) return { type: "delivered" };
    if (this.#isCancelled()) return { type: "cancelled" };
    return refusal.mayLink ? this.#link(refusal) : { type: "failed", reason: refusal.reason, why: refusal.why };
  }

  #isCancelled(): boolean {
    return this.#cancelled.signal.aborted;
  }

  /** Why the contact did not get it; undefined if they did. */
  async #offer(): Promise<FileRefusal | undefined> {
    const { session, members, clock, calendar, settings } = this.#scope;
    const { contact, size, file: name } = this.#subject;
    if (members.contact === undefined) return GROUP_REFUSAL;
    if (size > settings.files.maxSize) return tooLarge(contact);
    try {
      const source = { name, size, content: () => this.#content(), ownsPieces: true };
      this.#sending = await session.sendFile(members.contact, source, calendar.momentOf(this.#pending.row.created));
    } catch (error) {
      if (!(error instanceof MsnError)) throw error;
      return { reason: error.code, why: error.message, mayLink: false };
    }
    if (this.#isCancelled()) this.#sending.cancel();
    const progress = new Progress(clock, this.notice, this.#sending, {
      waiting: aboutOutgoing.waiting(this.#subject),
      doing: aboutOutgoing.doing(this.#subject),
      size,
    });
    const outcome = await this.#sending.done;
    progress.stop();
    if (outcome.state !== "done") return refusalOf(outcome, contact);
    if (this.notice.isStarted) this.notice.end(aboutOutgoing.done(this.#subject, progress.tookMs));
    return undefined;
  }

  #content(): Readable {
    const { media } = this.#scope.files;
    const maxBytes = this.#subject.size;
    return lazyStream(async (signal) => {
      const { content } = await media.download(this.#pending.file.mxc, { maxBytes, signal });
      return content;
    });
  }

  async #link({ reason, why }: FileRefusal): Promise<Ending> {
    const { files, session, members, clock } = this.#scope;
    const { file, size } = this.#subject;
    const { eventId } = this;
    if (files.links === undefined || eventId === null || size > files.links.maxBytes)
      return { type: "failed", reason, why };
    const { url, expires } = files.links.link(this.#pending.file.mxc, file, eventId);
    for (const content of textContents(linkText(file, size, url, expires))) {
      const delivery = await session.say(members, content, clock.now());
      if (delivery.state !== "delivered") return { type: "failed", reason, why, isLinkLost: true };
    }
    return { type: "linked", why, expires };
  }

  #broken(error: unknown): Ending {
    const { log, portalId } = this.#scope;
    if (error instanceof TooManyFiles) return { type: "failed", reason: "too-many", why: TOO_MANY_FILES };
    log.error({ error, portal: portalId }, "a file could not be sent");
    return { type: "failed", reason: "internal", why: "something in this bridge broke" };
  }

  #endNotice(ending: Ending): void {
    // Of a delivery it was said at its end.
    if (!this.notice.isStarted || ending.type === "delivered") return;
    this.notice.end(
      ending.type === "cancelled"
        ? aboutOutgoing.cancelled(this.#subject)
        : aboutOutgoing.over(this.#subject, mayHaveCome(ending)),
    );
  }

  /** Writes down how it ended. @returns the next file of the message, where that is under way now */
  #settle(ending: Ending): PendingFile | undefined {
    const { transfers, journal } = this.#scope.store;
    const { file, transferId } = this.#pending;
    transfers.delete(transferId);
    if (this.#isDeleted && (ending.type !== "delivered" || file.next !== undefined)) {
      journal.settle(this.#pending.row.id, "skipped", "taken back");
      return undefined;
    }
    switch (ending.type) {
      case "delivered":
        return this.#arrived(file.next);
      case "linked":
        this.#tell(aboutOutgoing.linked(this.#subject, ending.why, ending.expires));
        return this.#arrived(file.next);
      case "cancelled":
        journal.settle(this.#pending.row.id, "failed", "cancelled");
        return undefined;
      case "failed":
        return this.#failed(ending, file.next);
    }
  }

  #failed(ending: Extract<Ending, { type: "failed" }>, next: FileToSend | undefined): PendingFile | undefined {
    const { outcomes } = this.#host;
    const { reason, why, isLinkLost = false } = ending;
    const hint = { isLinkLost, canRetry: canRetry(reason), mayHaveCome: mayHaveCome(ending) };
    const sentence = aboutOutgoing.notSent(this.#subject, why, hint);
    if (next === undefined || hint.canRetry) {
      const whole = next === undefined ? sentence : `${sentence} ${REST_WAITS}`;
      outcomes.undelivered(this.#pending.row, "failed", reason, whole);
      return undefined;
    }
    // The others do not wait for what can never be sent.
    this.#tell(sentence);
    return this.#arrived(next);
  }

  /** The message has arrived, or a part of it. */
  #arrived(next: FileToSend | undefined): PendingFile | undefined {
    const { parts, transfers } = this.#scope.store;
    const { row } = this.#pending;
    if (next === undefined) {
      this.#host.outcomes.delivered(row);
      return undefined;
    }
    // The words before the files are a part too, also where there are none.
    parts.set(row.id, Math.max(parts.done(row.id), 1) + 1);
    const { portalId } = this.#scope;
    return { row, file: next, transferId: transfers.add({ portalId, rowId: row.id, name: next.name }) };
  }

  #tell(text: string): void {
    this.#scope.room.say(text, this.#pending.row.eventId);
  }
}

function mayHaveCome(ending: Ending): boolean {
  return ending.type === "failed" && ending.reason === "unconfirmed";
}
