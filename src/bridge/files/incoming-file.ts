import { MatrixError } from "../../matrix/client/errors.ts";
import type { FileReceive, TransferOutcome } from "../../msn/index.ts";
import { safeFileName } from "../../util/file-name.ts";
import { commitWithRetry } from "../base/commit.ts";
import type { EditableNotice } from "./editable-notice.ts";
import type { FileContext } from "./context.ts";
import { Progress } from "./progress.ts";
import { storeFile } from "./store-file.ts";
import { uploadSink } from "./upload-sink.ts";
import { ACCEPT_KEY, CANCEL_KEY, aboutIncoming, TOO_MANY_FILES, whyNot, type FileSubject } from "../words/files.ts";

/** A file that a contact has offered: asked about where need be, taken or declined, shown in the room. */
export class IncomingFile {
  readonly #place: FileContext;
  readonly #offer: FileReceive;
  readonly #subject: FileSubject;
  /** What is said about it while it lasts. */
  readonly notice: EditableNotice;
  readonly #answered = Promise.withResolvers<boolean>();
  #isAsking = false;
  #isCancelled = false;
  /** The row on disk that says that it is under way. */
  #row: number | undefined;

  constructor(place: FileContext, offer: FileReceive) {
    this.#place = place;
    this.#offer = offer;
    const contact = place.members.name(offer.contact);
    this.#subject = { contact, file: safeFileName(offer.name), size: offer.size };
    this.notice = place.notice((key) => this.#click(key));
  }

  /** Ends it without a word to the owner. */
  stop(): void {
    this.#offer.cancel();
  }

  /** Sees it through to its end. @throws what the disk throws */
  async run(): Promise<void> {
    const { show, settings } = this.#place;
    const refusal = await this.#refusal();
    if (refusal !== undefined) {
      this.#offer.decline();
      show({ type: "notice", text: refusal });
      return;
    }
    const { portalId, transfers, turns, log } = this.#place;
    this.#row = transfers.add({ portalId, rowId: null, name: this.#subject.file });
    const { receive, autoLimit } = settings.files;
    if ((receive === "ask" || this.#offer.size > autoLimit) && !(await this.#ask())) return;
    await turns.fromMsn
      .run(() => this.#take(), tooMany)
      .catch((error: unknown) => {
        log.warn({ error, portal: portalId }, "a file could not be taken");
        this.#offer.decline("FAIL");
      });
    const outcome = await this.#offer.done;
    if (outcome.state !== "done") this.#fail(outcome);
    await this.notice.idle();
  }

  /** Why it must not come; undefined if it may. */
  async #refusal(): Promise<string | undefined> {
    const { settings, means } = this.#place;
    const { receive, maxSize } = settings.files;
    const { size } = this.#subject;
    if (receive === "off") return aboutIncoming.off(this.#subject);
    if (size > maxSize) return aboutIncoming.tooLarge(this.#subject, maxSize, "this bridge");
    try {
      const limit = await means.media.uploadLimit();
      return limit !== undefined && size > limit
        ? aboutIncoming.tooLarge(this.#subject, limit, "your homeserver")
        : undefined;
    } catch (error) {
      if (error instanceof MatrixError) return aboutIncoming.homeserverAway(this.#subject);
      throw error;
    }
  }

  /** False: she does not want it, or the contact has not waited. */
  async #ask(): Promise<boolean> {
    this.#isAsking = true;
    this.notice.say(aboutIncoming.ask(this.#subject), [ACCEPT_KEY, CANCEL_KEY]);
    const gone = this.#offer.done.then((outcome) => outcome);
    const answer = await Promise.race([this.#answered.promise, gone]);
    if (answer === true) return true;
    if (this.#place.isStopping()) return false;
    if (answer === false) this.#offer.decline();
    const text = typeof answer === "boolean" ? aboutIncoming.declined(this.#subject) : this.#unasked(answer);
    this.notice.end(text);
    await this.notice.idle();
    this.#over(() => {
      // She has not been asked, because the homeserver was away.
      if (!this.notice.isSaid) this.#place.show({ type: "notice", text });
    });
    return false;
  }

  #unasked(outcome: TransferOutcome): string {
    if (outcome.state === "failed" && outcome.problem === "unanswered") return aboutIncoming.ranOut(this.#subject);
    if (outcome.state === "cancelled" && outcome.by === "them") return aboutIncoming.withdrawn(this.#subject);
    return outcome.state === "done" ? "" : aboutIncoming.notCome(this.#subject, whyNot(outcome, this.#subject.contact));
  }

  #click(key: string): void {
    if (this.#isAsking) {
      this.#isAsking = false;
      this.#answered.resolve(key === ACCEPT_KEY);
      return;
    }
    if (key !== CANCEL_KEY) return;
    this.#isCancelled = true;
    this.#offer.cancel();
  }

  async #take(): Promise<void> {
    const { clock, means, members, show, transfers, batch, signal } = this.#place;
    const { file: name, size } = this.#subject;
    const from = this.#offer.contact;
    const progress = new Progress(clock, this.notice, this.#offer, {
      waiting: aboutIncoming.waiting(this.#subject),
      doing: aboutIncoming.doing(this.#subject),
      size,
    });
    const sink = uploadSink(async (content, gone) => {
      const as = members.intentOf(from).userId;
      const until = AbortSignal.any([signal, gone]);
      const file = await storeFile({ files: means, clock }, content, { name, size, as, signal: until });
      // All of it may have come, and be given up while the homeserver takes its time.
      gone.throwIfAborted();
      // Before the contact hears that it has come; in one commit, so that it is either shown or known to be cut off.
      batch(() => {
        show({ ...file, from });
        if (this.#row !== undefined) transfers.delete(this.#row);
      });
    });
    this.#offer.accept(sink);
    const { state } = await this.#offer.done;
    progress.stop();
    if (state === "done" && this.notice.isBegun) this.notice.end(aboutIncoming.done(this.#subject, progress.tookMs));
  }

  #fail(outcome: Exclude<TransferOutcome, { state: "done" }>): void {
    const { show, isStopping } = this.#place;
    if (isStopping()) return;
    // It has waited for its turn until the offer ran out.
    const isLate = outcome.state === "failed" && outcome.problem === "unanswered";
    const why = isLate ? TOO_MANY_FILES : whyNot(outcome, this.#subject.contact);
    // Only the contact does not know that it has come.
    if (!this.#isOpen) return;
    const last = this.#isCancelled ? aboutIncoming.cancelled(this.#subject) : aboutIncoming.over(this.#subject);
    if (this.notice.isBegun) this.notice.end(last);
    this.#over(() => {
      if (!this.#isCancelled) show({ type: "notice", text: aboutIncoming.notCome(this.#subject, why) });
    });
  }

  /** Whether the disk still says that it is under way; not any more once it is to be shown. */
  get #isOpen(): boolean {
    const { transfers, portalId } = this.#place;
    return transfers.list(portalId).some(({ id }) => id === this.#row);
  }

  /** Writes down that it is over, together with what `work` writes. */
  #over(work: () => void): void {
    const { batch, transfers, clock, log, signal } = this.#place;
    commitWithRetry({ store: { batch }, clock, log, signal }, () => {
      work();
      if (this.#row !== undefined) transfers.delete(this.#row);
    });
  }
}

const tooMany = (): Error => new Error("too many files wait");
