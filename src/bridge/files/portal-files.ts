import type { FileReceive } from "../../msn/index.ts";
import { bareKey } from "../../convert/text/relations.ts";
import type { EventOf } from "../../convert/matrix-event.ts";
import type { FileToSend } from "../../convert/to-msn.ts";
import type { AcceptedEvent } from "../base/accepted-event.ts";
import { EditableNotice } from "./editable-notice.ts";
import type { FileContext, FileContextOptions } from "./context.ts";
import { IncomingFile } from "./incoming-file.ts";
import { OutgoingFile } from "./outgoing-file.ts";
import { ACCEPT_KEY, CANCEL_KEY, aboutIncoming, aboutOutgoing } from "../words/files.ts";

export interface PortalFilesOptions extends FileContextOptions {
  /** Takes a row of the owner's again. */
  readonly deliver: (accepted: AcceptedEvent) => void;
}

// As many as a contact may offer at once. Those she has taken back count until all is said about them, which may take
// long while the homeserver is slow.
const MAX_ARRIVALS = 20;
// How many notices are remembered whose reactions still stand in the room.
const NOTICES_KEPT = 100;

/** The files of a portal that are on their way, both ways. */
export class PortalFiles {
  readonly #options: PortalFilesOptions;
  readonly #place: FileContext;
  readonly #live = new Set<IncomingFile | OutgoingFile>();
  readonly #running = new Set<Promise<void>>();
  /** By their events, the newest last. */
  readonly #notices = new Map<string, EditableNotice>();
  #isStopping = false;

  constructor(options: PortalFilesOptions) {
    this.#options = options;
    this.#place = {
      ...options,
      notice: (onClick) => this.#newNotice(onClick),
      isStopping: () => this.#isStopping || options.signal.aborted,
    };
  }

  /** A contact offers a file. */
  offered(offer: FileReceive): void {
    const arrivals = [...this.#live].filter((transfer) => transfer instanceof IncomingFile);
    if (this.#isStopping || arrivals.length >= MAX_ARRIVALS) offer.decline("FAIL");
    else this.#follow(new IncomingFile(this.#place, offer));
  }

  /** The owner sends a file; its row is settled when that has come to an end. @throws what the disk throws */
  send(rowId: number, file: FileToSend): void {
    this.#follow(new OutgoingFile(this.#place, rowId, file));
  }

  /** Looks whether a row of the owner's is about a file that is on its way, and does at once what it says. */
  hear(accepted: AcceptedEvent): boolean {
    const { rowId, event } = accepted;
    if (event.kind === "redaction") return this.takeBack(rowId, event.target);
    return event.kind === "reaction" && this.#isClick(accepted, event);
  }

  /** Settles a row that takes back a message whose file is on its way to MSN, and cancels that. False: there is none. */
  takeBack(rowId: number, eventId: string): boolean {
    const { journal } = this.#options;
    const target = journal.findByEventId(eventId)?.id;
    for (const transfer of this.#live) {
      if (!(transfer instanceof OutgoingFile) || transfer.rowId !== target) continue;
      journal.settle(rowId, "skipped", "applied");
      transfer.takeBack();
      return true;
    }
    return false;
  }

  /** Tells of what was on its way when an earlier run of the bridge ended. */
  resume(): void {
    const { transfers, portalId, batch, members, show, failed } = this.#options;
    const rows = transfers.list(portalId);
    if (rows.length === 0) return;
    const contact = members.name();
    batch(() => {
      for (const { id, rowId, name } of rows) {
        if (rowId === null) show({ type: "notice", text: aboutIncoming.cutOff(contact, name) });
        else failed(rowId, "interrupted", aboutOutgoing.cutOff(contact, name));
        transfers.delete(id);
      }
    });
  }

  /** Ends what is on its way; the next run of the bridge tells of it. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const transfer of this.#live) transfer.stop();
    await Promise.all(this.#running);
  }

  #follow(transfer: IncomingFile | OutgoingFile): void {
    this.#live.add(transfer);
    const { log, portalId } = this.#options;
    const running = this.#see(transfer)
      .catch((error: unknown) => {
        log.error({ error, portal: portalId }, "a file could not be dealt with");
        transfer.stop();
      })
      .finally(() => {
        this.#live.delete(transfer);
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  async #see(transfer: IncomingFile | OutgoingFile): Promise<void> {
    const next = await transfer.run();
    if (next !== undefined) this.#follow(next);
  }

  #newNotice(onClick: (key: string) => void): EditableNotice {
    const { members, openRoom, log } = this.#options;
    const notice: EditableNotice = new EditableNotice({
      mainIntent: members.mainIntent,
      openRoom,
      onClick,
      onEvent: (eventId) => {
        this.#notices.set(eventId, notice);
        const [oldest] = this.#notices.keys();
        if (oldest !== undefined && this.#notices.size > NOTICES_KEPT) this.#notices.delete(oldest);
      },
      log,
    });
    return notice;
  }

  #isClick(accepted: AcceptedEvent, { target, key: shown }: EventOf<"reaction">): boolean {
    const key = bareKey(shown);
    if (key !== ACCEPT_KEY && key !== CANCEL_KEY) return false;
    const notice = this.#notices.get(target);
    if (notice !== undefined) {
      this.#options.journal.settle(accepted.rowId, "skipped", "about a file");
      notice.click(key);
      return true;
    }
    return this.#waits(accepted);
  }

  // She has been quicker than the answer of the homeserver, which says what she reacts to.
  #waits(accepted: AcceptedEvent): boolean {
    const beginning = [...this.#live].flatMap(({ notice }) => notice.beginning ?? []);
    if (beginning.length === 0) return false;
    void this.#deliverAfter(beginning, accepted);
    return true;
  }

  async #deliverAfter(beginning: readonly Promise<void>[], accepted: AcceptedEvent): Promise<void> {
    await Promise.all(beginning);
    try {
      // It waits in the journal for the next run.
      if (!this.#isStopping) this.#options.deliver(accepted);
    } catch (error) {
      const { log, portalId } = this.#options;
      log.error({ error, portal: portalId }, "a reaction could not be dealt with, and waits for the next start");
    }
  }
}
