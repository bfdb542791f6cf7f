import { MatrixError } from "../../matrix/client/errors.ts";
import { accountKey, type FileReceive, type TransferOutcome } from "../../msn/index.ts";
import { safeFileName } from "../../util/file-name.ts";
import { commitWithRetry } from "../base/commit.ts";
import type { NotDone } from "../room/gathered-notices.ts";
import type { PortalScope } from "../room/portal-scope.ts";
import { ACCEPT_KEY, CANCEL_KEY, aboutIncoming, TOO_MANY_FILES, whyNot, type FileSubject } from "../words/files.ts";
import { EditableNotice, type NoticeListener } from "./editable-notice.ts";
import { Progress } from "./progress.ts";
import { storeFile } from "./store-file.ts";
import { TooManyFiles, type TransferHost } from "./transfer-host.ts";
import { uploadSink } from "./upload-sink.ts";

/** What is needed of a file that a contact offers. */
export type FileOffer = Pick<
  FileReceive,
  "contact" | "name" | "size" | "bytes" | "done" | "accept" | "decline" | "cancel"
>;

/** A file that a contact offers: the owner is asked where the settings say so, then it is declined, or fetched and shown. */
export class IncomingFile implements NoticeListener {
  /** What the owner reads about it while it lasts. */
  readonly notice: EditableNotice;
  readonly #scope: PortalScope;
  readonly #host: TransferHost;
  readonly #offer: FileOffer;
  readonly #subject: FileSubject;
  readonly #answered = Promise.withResolvers<boolean>();
  #isAsking = false;
  #isCancelled = false;
  /** The row on disk that says that it is under way. */
  #transferId: number | undefined;

  constructor(scope: PortalScope, host: TransferHost, offer: FileOffer) {
    this.#scope = scope;
    this.#host = host;
    this.#offer = offer;
    const contact = scope.members.name(offer.contact);
    this.#subject = { contact, file: safeFileName(offer.name), size: offer.size };
    this.notice = new EditableNotice(scope, host.notices, this);
  }

  /** Ends it; the owner is not told. */
  stop(): void {
    this.#offer.cancel();
  }

  /** Resolves at its end. @throws what the disk throws */
  async run(): Promise<void> {
    const { refusals, store, portalId, fileLimits, log } = this.#scope;
    const refusal = await this.#refusal();
    if (refusal !== undefined) {
      this.#offer.decline();
      refusals.tell({ kind: "from-msn", ...refusal });
      return;
    }
    this.#transferId = store.transfers.add({ portalId, rowId: null, name: this.#subject.file });
    if (this.#mustAsk() && !(await this.#ask())) return;
    await fileLimits.fromMsn
      .run(() => this.#fetch(), TooManyFiles.create, this.#offer.contact)
      .catch((error: unknown) => {
        log.warn({ error, portal: portalId }, "a file could not be taken");
        this.#offer.decline("FAIL");
      });
    const outcome = await this.#offer.done;
    if (outcome.state !== "done") this.#fail(outcome);
    await this.notice.idle();
  }

  /** Who has not come to the room of a stranger cannot answer, so that nothing of theirs is fetched before. */
  #mustAsk(): boolean {
    const { settings, room, fileLimits } = this.#scope;
    const { receive, autoLimit } = settings.files;
    const { contact, size } = this.#offer;
    if (receive === "ask" || size > autoLimit || room.row.standing === "stranger") return true;
    return !fileLimits.daily.take(accountKey(contact), size);
  }

  /** Why it must not come; undefined if it may. */
  async #refusal(): Promise<Pick<NotDone, "reason" | "sentence"> | undefined> {
    const { settings, files } = this.#scope;
    const { receive, maxSize } = settings.files;
    const { size } = this.#subject;
    if (receive === "off") return { reason: "files-off", sentence: aboutIncoming.off(this.#subject) };
    const tooLarge = (
      limit: number,
      whose: "this bridge" | "your homeserver",
    ): Pick<NotDone, "reason" | "sentence"> => ({
      reason: `too-large for ${whose}`,
      sentence: aboutIncoming.tooLarge(this.#subject, limit, whose),
    });
    if (size > maxSize) return tooLarge(maxSize, "this bridge");
    try {
      const limit = await files.media.uploadLimit();
      return limit !== undefined && size > limit ? tooLarge(limit, "your homeserver") : undefined;
    } catch (error) {
      if (error instanceof MatrixError)
        return { reason: "homeserver-away", sentence: aboutIncoming.homeserverAway(this.#subject) };
      throw error;
    }
  }

  /** False: the owner does not want it, or the contact did not wait. */
  async #ask(): Promise<boolean> {
    if (!this.#host.mayAsk()) {
      this.#offer.decline("FAIL");
      this.#settle(() => this.#tell("too-many-questions", aboutIncoming.tooMany(this.#subject.contact)));
      return false;
    }
    this.#isAsking = true;
    this.notice.say(aboutIncoming.ask(this.#subject), [ACCEPT_KEY, CANCEL_KEY]);
    const answer = await Promise.race([this.#answered.promise, this.#offer.done]);
    if (answer === true) return true;
    if (this.#host.isStopping) return false;
    if (answer === false) this.#offer.decline();
    const text = answer === false ? aboutIncoming.declined(this.#subject) : this.#notAnswered(answer);
    this.notice.end(text);
    await this.notice.idle();
    this.#settle(() => {
      // The owner has not been asked: the homeserver was away.
      if (!this.notice.isPosted) this.#tell("not-answered", text);
    });
    return false;
  }

  #notAnswered(outcome: TransferOutcome): string {
    if (outcome.state === "failed" && outcome.problem === "unanswered") return aboutIncoming.ranOut(this.#subject);
    if (outcome.state === "cancelled" && outcome.by === "them") return aboutIncoming.withdrawn(this.#subject);
    return outcome.state === "done" ? "" : aboutIncoming.notCome(this.#subject, whyNot(outcome, this.#subject.contact));
  }

  clicked(key: string): void {
    if (this.#isAsking) {
      this.#isAsking = false;
      this.#answered.resolve(key === ACCEPT_KEY);
      return;
    }
    if (key !== CANCEL_KEY) return;
    this.#isCancelled = true;
    this.#offer.cancel();
  }

  async #fetch(): Promise<void> {
    const { clock, members, room, store, signal } = this.#scope;
    const { file: name, size } = this.#subject;
    const from = this.#offer.contact;
    const progress = new Progress(clock, this.notice, this.#offer, {
      waiting: aboutIncoming.waiting(this.#subject),
      doing: aboutIncoming.doing(this.#subject),
      size,
    });
    const sink = uploadSink(async (content, gone) => {
      const as = members.intentOf(from).userId;
      const file = await storeFile(this.#scope, content, { name, size, as, signal: AbortSignal.any([signal, gone]) });
      // All of it may have come and be cancelled while the homeserver takes its time.
      gone.throwIfAborted();
      // Before the contact is told that it arrived; in one commit, so that it is either shown or known to be cut off.
      store.batch(() => {
        room.show({ ...file, from });
        if (this.#transferId !== undefined) store.transfers.delete(this.#transferId);
      });
    });
    this.#offer.accept(sink);
    const { state } = await this.#offer.done;
    progress.stop();
    if (state === "done" && this.notice.isStarted) this.notice.end(aboutIncoming.done(this.#subject, progress.tookMs));
  }

  #fail(outcome: Exclude<TransferOutcome, { state: "done" }>): void {
    // In the latter case it is to be shown: only the contact does not know that it has arrived.
    if (this.#host.isStopping || !this.#isUnderWay) return;
    // It waited for its turn until the offer ran out.
    const isLate = outcome.state === "failed" && outcome.problem === "unanswered";
    const why = isLate ? TOO_MANY_FILES : whyNot(outcome, this.#subject.contact);
    const last = this.#isCancelled ? aboutIncoming.cancelled(this.#subject) : aboutIncoming.over(this.#subject);
    if (this.notice.isStarted) this.notice.end(last);
    this.#settle(() => {
      if (!this.#isCancelled) this.#tell(`not-come ${outcome.state}`, aboutIncoming.notCome(this.#subject, why));
    });
  }

  #tell(reason: string, sentence: string): void {
    this.#scope.refusals.tell({ kind: "from-msn", reason, sentence });
  }

  /** Whether the disk still says that it is under way; no more once it is to be shown. */
  get #isUnderWay(): boolean {
    const { store, portalId } = this.#scope;
    return store.transfers.list(portalId).some(({ id }) => id === this.#transferId);
  }

  /** Writes down that it is over, together with what `work` writes. */
  #settle(work: () => void): void {
    commitWithRetry(this.#scope, () => {
      work();
      if (this.#transferId !== undefined) this.#scope.store.transfers.delete(this.#transferId);
    });
  }
}
