import type { AcceptedEvent } from "../../src/bridge/base/accepted-event.ts";
import { MsnDelivery } from "../../src/bridge/portal/msn-delivery.ts";
import { Outcomes } from "../../src/bridge/portal/outcomes.ts";
import { MetGroups } from "../../src/bridge/room/met-groups.ts";
import { portalScope } from "../../src/bridge/room/portal-scope.ts";
import { SessionLimits } from "../../src/bridge/session/session-limits.ts";
import { Session } from "../../src/bridge/session/session.ts";
import { readMatrixEvent } from "../../src/convert/matrix-event.ts";
import { portalMessage } from "../../src/convert/to-matrix.ts";
import type { Delivery, OutgoingContent, WriteListener } from "../../src/msn/index.ts";
import type { JournalRow } from "../../src/store/journal-row.ts";
import type { LoginRow } from "../../src/store/logins.ts";
import type { PortalRow } from "../../src/store/portals.ts";
import type { Store } from "../../src/store/store.ts";
import { UNDER_WAY } from "../../src/store/transfers.ts";
import { FakeClock } from "./fake-clock.ts";
import { accountScope, loginScope, memoryStore } from "./scopes.ts";
import { SETTINGS } from "./settings.ts";

const OWNER = "@mia:x";
const FROM_OWNER = { room_id: "!r", sender: OWNER };

/** Says things to a contact who comes when told to. */
class ScriptedSession extends Session {
  readonly #bench: DeliveryBench;

  constructor(bench: DeliveryBench) {
    const { clock } = bench;
    super(accountScope({ clock }), new SessionLimits(clock), {
      prepare: () => Promise.resolve(),
      statusAfter: () => "NLN",
    });
    this.#bench = bench;
  }

  override isReached(): boolean {
    return this.#bench.isReached;
  }

  override async say(
    _: unknown,
    content: OutgoingContent,
    waitsSince: number,
    listener?: WriteListener,
  ): Promise<Delivery> {
    this.#bench.waitsSince.push(waitsSince);
    this.#bench.onSay();
    await this.#bench.come.promise;
    listener?.onWrite();
    this.#bench.said.push(content.type === "text" ? content.text : content.type);
    const { fate } = this.#bench;
    this.#bench.onSaid();
    return fate;
  }
}

/** A delivery to a contact, with a journal in memory and a homeserver of which nothing may be asked. */
export class DeliveryBench {
  readonly clock = new FakeClock();
  readonly store: Store = memoryStore(this.clock);
  /** What has gone out. */
  readonly said: string[] = [];
  /** Since when what is to be said waits, each as a moment of the clock. */
  readonly waitsSince: number[] = [];
  /** The rows whose files are on their way. */
  readonly files: number[] = [];
  /** Lets the contact come, so that the first byte is written. */
  come = Promise.withResolvers<void>();
  /** Whether the contact is there already. */
  isReached = false;
  /** What happens when something is about to be said, before the contact comes. */
  onSay: () => unknown = () => undefined;
  /** What happens when something has been said. */
  onSaid: () => unknown = () => undefined;
  /** What happens before a file is on its way. */
  onFile: () => unknown = () => undefined;
  /** How what is said ends. */
  fate: Delivery = { state: "delivered" };
  stopping = new AbortController();
  delivery: MsnDelivery;
  /** Files that never end. */
  readonly #transfers = {
    send: ({ id }: { readonly id: number }): void => {
      this.onFile();
      this.store.journal.settle(id, "uncertain", UNDER_WAY);
      this.files.push(id);
    },
    cancel: (rowId: number): boolean => this.files.length > 0 && this.store.journal.settle(rowId, "skipped", "applied"),
  };
  readonly #login: LoginRow;
  readonly #portal: PortalRow;
  #count = 0;

  constructor() {
    const { logins, portals } = this.store;
    this.#login = logins.save({ server: "one", passport: "mia@example.com", owner: OWNER });
    this.#portal = portals.save({ loginId: this.#login.id, kind: "direct", remote: "nils@example.com" });
    this.delivery = this.#newDelivery();
  }

  /** What the owner was told in the room. */
  get answers(): string[] {
    const { journal } = this.store;
    return journal.listOpen("to-matrix").flatMap((id) => {
      const message = portalMessage.parse(journal.body(id));
      return message.type === "notice" ? [message.text] : [];
    });
  }

  /** Another run of the bridge on the same journal. */
  restart(): void {
    this.stopping = new AbortController();
    this.delivery = this.#newDelivery();
    this.delivery.wake();
  }

  /** The owner sends events. @returns the id of the last */
  accept(...events: object[]): string {
    const { journal } = this.store;
    const named = (event: object): object => Object.assign({ event_id: this.#newId() }, FROM_OWNER, event);
    this.store.batch(() => {
      let next: AcceptedEvent | undefined;
      for (const { id, event } of journal.accept(events.map(named))) {
        const read = readMatrixEvent(event);
        if (read !== undefined && this.delivery.accept({ rowId: id, event: read })) next = { rowId: id, event: read };
      }
      if (next !== undefined) this.delivery.prepare(next);
    });
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
    const { store, clock } = this;
    const { signal } = this.stopping;
    const settings = { ...SETTINGS, deliveryReceipts: false };
    const login = loginScope({ store, clock, signal, settings, row: this.#login, session: new ScriptedSession(this) });
    const scope = portalScope(login, { row: this.#portal, groups: new MetGroups() }, this);
    return new MsnDelivery(scope, this.#transfers, new Outcomes(scope));
  }
}
