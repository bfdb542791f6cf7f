import { Readable } from "node:stream";
import { MatrixError } from "../../matrix/client/errors.ts";
import { MsnError, textContents, type FileSend } from "../../msn/index.ts";
import { UNDER_WAY } from "../../store/transfers.ts";
import type { FileToSend } from "../../convert/to-msn.ts";
import { commitWithRetry } from "../base/commit.ts";
import { inspectFile } from "./inspect-file.ts";
import { lazyStream } from "./lazy-stream.ts";
import type { EditableNotice } from "./editable-notice.ts";
import type { FileContext } from "./context.ts";
import { Progress } from "./progress.ts";
import { canRetry, GROUP_REFUSAL, refusalOf, tooLarge, type Refusal } from "./refusal.ts";
import {
  CANCEL_KEY,
  linkText,
  REST_WAITS,
  TOO_MANY_FILES,
  aboutOutgoing,
  whyHomeserver,
  type FileSubject,
} from "../words/files.ts";

/** How it ended for the owner. */
type Ending =
  | { readonly type: "delivered" }
  | { readonly type: "linked"; readonly why: string; readonly expires: number }
  | { readonly type: "failed"; readonly reason: string; readonly why: string; readonly isLinkLost?: boolean }
  | { readonly type: "cancelled" };

/** A file that the owner has sent: offered to the contact, or a link to it where that cannot be. */
export class OutgoingFile {
  readonly rowId: number;
  readonly #place: FileContext;
  readonly #file: FileToSend;
  /** What is said about it while it lasts. */
  readonly notice: EditableNotice;
  readonly #gone = new AbortController();
  readonly #transferId: number;
  #subject: FileSubject;
  #sending: FileSend | undefined;
  #isTakenBack = false;

  /** What is to be sent next, by its transfer. */
  #next: { readonly file: FileToSend; readonly transferId: number } | undefined;

  /**
   * From here on the row is uncertain until it is settled once more.
   * @param transferId where that is so already
   */
  constructor(place: FileContext, rowId: number, file: FileToSend, transferId?: number) {
    this.rowId = rowId;
    this.#place = place;
    this.#file = file;
    this.#subject = { contact: place.members.name(), file: file.name, size: 0 };
    this.notice = place.notice((key) => {
      if (key === CANCEL_KEY) this.stop();
    });
    const { batch, journal, transfers, portalId } = place;
    let id = transferId ?? 0;
    if (transferId === undefined) {
      batch(() => {
        journal.settle(rowId, "uncertain", UNDER_WAY);
        id = transfers.add({ portalId, rowId, name: this.#subject.file });
      });
    }
    this.#transferId = id;
  }

  /** Ends it; nothing is said to the owner if she has done it, or the portal ends. */
  stop(): void {
    this.#gone.abort(new Error("the file is not to be sent any more"));
    this.#sending?.cancel();
  }

  /** The owner has deleted the message. */
  takeBack(): void {
    this.#isTakenBack = true;
    this.stop();
  }

  /** Sees it through to its end. @returns what is to be followed then: the next file of the same message */
  async run(): Promise<OutgoingFile | undefined> {
    const { turns, isStopping } = this.#place;
    const ending = await turns.toMsn.run(() => this.#send(), tooMany).catch((error: unknown) => this.#broken(error));
    if (isStopping() && ending.type !== "delivered" && ending.type !== "linked") return undefined;
    this.#over(ending);
    await this.notice.idle();
    // What a stop cuts off is told by the next run.
    if (this.#next === undefined || isStopping()) return undefined;
    return new OutgoingFile(this.#place, this.rowId, this.#next.file, this.#next.transferId);
  }

  async #send(): Promise<Ending> {
    const { means, settings } = this.#place;
    if (this.#isGone()) return { type: "cancelled" };
    const most = Math.max(settings.files.maxSize, means.links?.maxBytes ?? 0);
    try {
      this.#subject = {
        ...this.#subject,
        ...(await inspectFile(means.media, this.#file, { maxBytes: most, signal: this.#gone.signal })),
      };
    } catch (error) {
      if (this.#isGone()) return { type: "cancelled" };
      if (!(error instanceof MatrixError)) throw error;
      return { type: "failed", reason: error.code, why: whyHomeserver(error) };
    }
    const refusal = await this.#handOver();
    if (refusal === undefined) return { type: "delivered" };
    if (this.#isGone()) return { type: "cancelled" };
    return refusal.mayLink ? this.#link(refusal) : { type: "failed", ...refusal };
  }

  #isGone(): boolean {
    return this.#gone.signal.aborted;
  }

  /** Why the contact did not get it; undefined if she did. */
  async #handOver(): Promise<Refusal | undefined> {
    const { session, means, members, clock, journal, settings } = this.#place;
    const { contact, size } = this.#subject;
    if (typeof members.target !== "string") return GROUP_REFUSAL;
    const content = (): Readable =>
      lazyStream(async (signal) => (await means.media.download(this.#file.mxc, { maxBytes: size, signal })).content);
    const { created } = journal.get(this.rowId);
    try {
      if (size > settings.files.maxSize) return tooLarge(contact);
      this.#sending = await session.sendFile(members.target, { name: this.#subject.file, size, content }, created);
    } catch (error) {
      if (!(error instanceof MsnError)) throw error;
      return { reason: error.code, why: error.message, mayLink: false };
    }
    if (this.#isGone()) this.#sending.cancel();
    const progress = new Progress(clock, this.notice, this.#sending, {
      waiting: aboutOutgoing.waiting(this.#subject),
      doing: aboutOutgoing.doing(this.#subject),
      size,
    });
    const outcome = await this.#sending.done;
    progress.stop();
    if (outcome.state !== "done") return refusalOf(outcome, contact);
    if (this.notice.isBegun) this.notice.end(aboutOutgoing.done(this.#subject, progress.tookMs));
    return undefined;
  }

  async #link({ reason, why }: Refusal): Promise<Ending> {
    const { means, session, members, clock } = this.#place;
    const { file, size } = this.#subject;
    if (means.links === undefined || size > means.links.maxBytes) return { type: "failed", reason, why };
    const { url, expires } = means.links.link(this.#file.mxc, file);
    for (const content of textContents(linkText(file, size, url, expires))) {
      const delivery = await session.say(members.target, content, clock.now(), () => undefined);
      if (delivery.state !== "delivered") return { type: "failed", reason, why, isLinkLost: true };
    }
    return { type: "linked", why, expires };
  }

  #broken(error: unknown): Ending {
    const { log, portalId } = this.#place;
    if (error instanceof TooMany) return { type: "failed", reason: "too-many", why: TOO_MANY_FILES };
    log.error({ error, portal: portalId }, "a file could not be sent");
    return { type: "failed", reason: "internal", why: "something in this bridge broke" };
  }

  #over(ending: Ending): void {
    const { batch, clock, log, signal, transfers, failed, journal } = this.#place;
    const mayHaveCome = ending.type === "failed" && ending.reason === "unconfirmed";
    // How it went well has been said.
    if (this.notice.isBegun && ending.type !== "delivered") {
      this.notice.end(
        ending.type === "cancelled"
          ? aboutOutgoing.cancelled(this.#subject)
          : aboutOutgoing.over(this.#subject, mayHaveCome),
      );
    }
    commitWithRetry({ store: { batch }, clock, log, signal }, () => {
      transfers.delete(this.#transferId);
      const { next } = this.#file;
      if (this.#isTakenBack && (ending.type !== "delivered" || next !== undefined)) {
        journal.settle(this.rowId, "skipped", "taken back");
        return;
      }
      switch (ending.type) {
        case "delivered":
          return this.#arrived(next);
        case "linked":
          this.#arrived(next);
          return this.#tell(aboutOutgoing.linked(this.#subject, ending.why, ending.expires));
        case "cancelled":
          return void journal.settle(this.rowId, "failed", "cancelled");
        case "failed": {
          const hint = { isLinkLost: ending.isLinkLost === true, canRetry: canRetry(ending.reason), mayHaveCome };
          const sentence = aboutOutgoing.notSent(this.#subject, ending.why, hint);
          if (next === undefined) return failed(this.rowId, ending.reason, sentence);
          // What can never be sent does not keep the others.
          if (hint.canRetry) return failed(this.rowId, ending.reason, `${sentence} ${REST_WAITS}`);
          this.#arrived(next);
          return this.#tell(sentence);
        }
      }
    });
  }

  /** The message has arrived, or a part of it. */
  #arrived(next: FileToSend | undefined): void {
    const { parts, transfers, portalId, delivered } = this.#place;
    const { rowId } = this;
    if (next === undefined) return delivered(rowId);
    // The words before the files are a part too, also where there are none.
    parts.set(rowId, Math.max(parts.done(rowId), 1) + 1);
    this.#next = { file: next, transferId: transfers.add({ portalId, rowId, name: next.name }) };
  }

  #tell(text: string): void {
    const { eventId } = this.#place.journal.get(this.rowId);
    this.#place.show({ type: "notice", text, ...(eventId !== null && { replyTo: eventId }) });
  }
}

class TooMany extends Error {
  override readonly name = "TooMany";
}

const tooMany = (): Error => new TooMany("too many files wait");
