import { acceptedEvent } from "../../src/bridge/base/accepted-event.ts";
import { MsnDelivery } from "../../src/bridge/portal/msn-delivery.ts";
import { UserIntent } from "../../src/matrix/client/intent.ts";
import type { Delivery, OutgoingContent } from "../../src/msn/index.ts";
import type { JournalRow } from "../../src/store/journal-row.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { UNDER_WAY } from "../../src/store/transfers.ts";
import { silentLog } from "../../src/util/log.ts";
import { FakeClock } from "./fake-clock.ts";
import { SETTINGS } from "./settings.ts";
import { tempFolder } from "./temp-folder.ts";

const OWNER = "@mia:x";
const FROM_OWNER = { room_id: "!r", sender: OWNER };

/** A delivery to a contact who comes when told to, with a journal in memory and a homeserver that is not needed. */
export class DeliveryBench {
  readonly clock = new FakeClock();
  readonly store: Store;
  readonly portalId: number;
  /** What has gone out. */
  readonly said: string[] = [];
  readonly answers: string[] = [];
  /** The rows whose files are on their way. */
  readonly files: number[] = [];
  /** Lets the contact come, so that the first byte is written. */
  come = Promise.withResolvers<void>();
  /** What happens when something is about to be said, before the contact comes. */
  onSay: () => unknown = () => undefined;
  /** What happens when something has been said. */
  onSaid: () => unknown = () => undefined;
  /** How what is said ends. */
  fate: Delivery = { state: "delivered" };
  stopping = new AbortController();
  delivery: MsnDelivery;
  #count = 0;

  constructor() {
    const folder = tempFolder();
    this.store = openStore({ path: ":memory:", keyFile: `${folder.path}/key`, clock: this.clock });
    folder.remove();
    const { id: loginId } = this.store.logins.save({ server: "one", passport: "mia@example.com", owner: OWNER });
    this.portalId = this.store.portals.save({ loginId, kind: "direct", remote: "nils@example.com" }).id;
    this.delivery = this.#newDelivery();
  }

  /** Another run of the bridge on the same journal. */
  restart(): void {
    this.stopping = new AbortController();
    this.delivery = this.#newDelivery();
    this.delivery.wake();
  }

  /** The owner sends an event. @returns its id */
  accept(...events: object[]): string {
    const { journal } = this.store;
    const named = (event: object): object => Object.assign({ event_id: this.#newId() }, FROM_OWNER, event);
    for (const { id } of journal.accept(events.map(named))) this.delivery.accept(acceptedEvent(journal, id));
    return `$${this.#count}`;
  }

  text(...bodies: string[]): string {
    return this.accept(...bodies.map((body) => ({ type: "m.room.message", content: { msgtype: "m.text", body } })));
  }

  row(eventId: string): JournalRow | undefined {
    return this.store.journal.findByEventId(eventId);
  }

  close(): void {
    this.store.close();
  }

  #newId(): string {
    this.#count += 1;
    return `$${this.#count}`;
  }

  #newDelivery(): MsnDelivery {
    const { store } = this;
    const unused = (): never => {
      throw new Error("the homeserver is not needed");
    };
    return new MsnDelivery({
      portalId: this.portalId,
      journal: store.journal,
      edits: store.edits,
      parts: store.parts,
      ghost: new UserIntent({
        userId: "@ghost:x",
        request: unused,
        requestAsBot: unused,
        registrations: { has: () => true, add: unused },
      }),
      name: () => "Nils",
      say: (content, _, onWrite) => this.#say(content, onWrite),
      sendFile: (rowId) => {
        store.journal.settle(rowId, "uncertain", UNDER_WAY);
        this.files.push(rowId);
      },
      takeBackFile: (rowId) => this.files.length > 0 && store.journal.settle(rowId, "skipped", "applied"),
      batch: (work) => store.batch(work),
      answer: (_, sentence) => this.answers.push(sentence),
      sayOnce: () => true,
      nameOfUser: (userId) => userId,
      nameOfGhost: () => undefined,
      settings: { ...SETTINGS, deliveryReceipts: false },
      clock: this.clock,
      log: silentLog,
      signal: this.stopping.signal,
    });
  }

  async #say(content: OutgoingContent, onWrite: () => void): Promise<Delivery> {
    this.onSay();
    await this.come.promise;
    onWrite();
    this.said.push(content.type === "text" ? content.text : content.type);
    const { fate } = this;
    this.onSaid();
    return fate;
  }
}
