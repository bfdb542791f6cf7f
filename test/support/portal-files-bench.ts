import type { Writable } from "node:stream";
import type { AcceptedEvent } from "../../src/bridge/base/accepted-event.ts";
import type { Settings } from "../../src/bridge/base/settings.ts";
import type { FileOffer } from "../../src/bridge/files/incoming-file.ts";
import { PortalFiles } from "../../src/bridge/files/portal-files.ts";
import type { FileRow, RowOutcomes } from "../../src/bridge/files/transfer-host.ts";
import { Ghosts } from "../../src/bridge/ghosts/ghosts.ts";
import { MetGroups } from "../../src/bridge/room/met-groups.ts";
import { portalScope, type PortalScope } from "../../src/bridge/room/portal-scope.ts";
import type { FileServices } from "../../src/bridge/scope/file-services.ts";
import { GhostIds } from "../../src/convert/ghost-ids.ts";
import { portalMessage, type PortalMessage } from "../../src/convert/to-matrix.ts";
import type { Requester } from "../../src/matrix/client/requester.ts";
import type { TransferOutcome } from "../../src/msn/index.ts";
import { Limiter } from "../../src/util/limiter.ts";
import { FakeClock } from "./fake-clock.ts";
import { matrixEvent } from "./matrix-event.ts";
import { baseScope, intentOf, loginScope } from "./scopes.ts";
import { SETTINGS } from "./settings.ts";

const NILS = "nils@example.com";
const ROOM = "!room:localhost";

/** A file that a contact offers, which ends as a test says. */
export class TestOffer implements FileOffer {
  readonly contact = NILS;
  readonly name: string;
  readonly size: number;
  bytes = 0;
  /** What became of it, in order. */
  readonly log: string[] = [];
  sink: Writable | undefined;
  readonly #done = Promise.withResolvers<TransferOutcome>();

  constructor(name: string, size = 5) {
    this.name = name;
    this.size = size;
  }

  get done(): Promise<TransferOutcome> {
    return this.#done.promise;
  }

  end(outcome: TransferOutcome): void {
    this.#done.resolve(outcome);
  }

  accept(content: Writable): void {
    this.log.push("accepted");
    this.sink = content;
    content.on("error", () => undefined);
    content.on("finish", () => this.end({ state: "done" }));
  }

  decline(code = "REJECT"): void {
    this.log.push(`declined ${code}`);
    this.end({ state: "declined", by: "us", code: "REJECT" });
  }

  cancel(): void {
    this.log.push("cancelled");
    this.end({ state: "cancelled", by: "us", code: "OUTBANDCANCEL" });
  }
}

/** The files of a chat with Nils, with a store in memory and a homeserver that takes everything. */
export class PortalFilesBench implements RowOutcomes {
  readonly clock = new FakeClock();
  readonly stopping = new AbortController();
  readonly scope: PortalScope;
  files: PortalFiles;
  /** What the homeserver was sent, by type. */
  readonly sent: Array<{ readonly type: string; readonly content: Record<string, unknown>; readonly id: string }> = [];
  /** What the homeserver waits for before it answers. */
  gate: Promise<void> = Promise.resolve();
  /** What became of rows of the owner. */
  readonly outcomes: string[] = [];
  /** Events that were to be taken again. */
  readonly deferred: AcceptedEvent[] = [];
  /** Names of the files that were uploaded. */
  readonly uploads: string[] = [];
  #events = 0;

  constructor(files: Partial<Settings["files"]> = {}, media: Partial<FileServices["media"]> = {}) {
    const base = baseScope({
      clock: this.clock,
      signal: this.stopping.signal,
      settings: { ...SETTINGS, files: { ...SETTINGS.files, ...files } },
    });
    const ghosts = new Ghosts(base, new GhostIds("localhost"), { intent: (id) => intentOf(id, this.#request) });
    const services: FileServices = {
      media: {
        upload: async (upload) => {
          const content = typeof upload.content === "function" ? upload.content() : upload.content;
          for await (const _ of content) continue;
          this.uploads.push(upload.name);
          return "mxc://localhost/a";
        },
        download: () => Promise.reject(new Error("nothing is downloaded")),
        uploadLimit: () => Promise.resolve(undefined),
        ...media,
      },
      links: undefined,
      thumbnails: new Limiter(1, 0),
    };
    const login = loginScope({ ...base, ghosts, files: services });
    const row = base.store.portals.save({ loginId: login.row.id, kind: "direct", remote: NILS });
    base.store.portals.setRoom(row.id, ROOM);
    this.scope = portalScope(login, { row, groups: new MetGroups() }, this);
    this.scope.room.membership.note(ROOM, login.row.owner);
    this.files = this.#newFiles();
  }

  /** Another run of the bridge on the same disk. */
  restart(): void {
    this.files = this.#newFiles();
  }

  delivered({ id }: FileRow): void {
    this.scope.store.journal.settle(id, "delivered");
    this.outcomes.push("delivered");
  }

  undelivered({ id }: FileRow, state: "failed" | "uncertain", reason: string, sentence: string): void {
    this.scope.store.journal.settle(id, state, reason);
    this.outcomes.push(`${state} ${reason}: ${sentence}`);
  }

  /** The owner sends an event. */
  accept(fields: object): AcceptedEvent {
    const event = matrixEvent({ event_id: `$own${(this.#events += 1)}`, room_id: ROOM, ...fields });
    const { portalId, store } = this.scope;
    const [row] = store.journal.accept([event.source]);
    if (row === undefined) throw new Error("the journal knows the event");
    store.journal.assign(row.id, portalId);
    return { rowId: row.id, event };
  }

  react(eventId: string, key: string): AcceptedEvent {
    const relation = { rel_type: "m.annotation", event_id: eventId, key };
    return this.accept({ type: "m.reaction", content: { "m.relates_to": relation } });
  }

  redact(eventId: string): AcceptedEvent {
    return this.accept({ type: "m.room.redaction", redacts: eventId });
  }

  /** The owner sends a file, which leaves the queue. @returns the row */
  send(name: string, next?: string): FileRow {
    const { rowId } = this.accept({ content: { msgtype: "m.file", body: name, url: "mxc://localhost/b" } });
    const row = this.scope.store.journal.get(rowId);
    const file = { mxc: "mxc://localhost/b", name };
    this.files.send(row, next === undefined ? file : { ...file, next: { mxc: "mxc://localhost/c", name: next } });
    return row;
  }

  state(rowId: number): string {
    const { state, reason } = this.scope.store.journal.get(rowId);
    return reason === null ? state : `${state} ${reason}`;
  }

  /** Takes from the journal what is to be shown in the room. */
  shown(): PortalMessage[] {
    const { store, portalId } = this.scope;
    const shown: PortalMessage[] = [];
    for (let row = store.journal.next("to-matrix", portalId); row !== undefined;) {
      shown.push(portalMessage.parse(row.body()));
      store.journal.settle(row.id, "delivered");
      row = store.journal.next("to-matrix", portalId);
    }
    return shown;
  }

  /** The files that the disk says are under way. */
  get underWay(): string[] {
    const { store, portalId } = this.scope;
    return store.transfers.list(portalId).map(({ name }) => name);
  }

  /** Texts of the notices that were sent, edits included. */
  get notices(): string[] {
    return this.sent.flatMap(({ type, content }) => (type === "m.room.message" ? [String(content["body"])] : []));
  }

  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  close(): void {
    this.stopping.abort();
    this.scope.store.close();
  }

  #newFiles(): PortalFiles {
    return new PortalFiles(
      this.scope,
      { explain: () => undefined, deliver: (accepted) => void this.deferred.push(accepted) },
      this,
    );
  }

  readonly #request: Requester["request"] = async (_, path, options) => {
    await this.gate;
    const id = `$sent${this.sent.length + 1}`;
    this.sent.push({ type: decodeURIComponent(path.split("/").at(-2) ?? ""), content: { ...options?.body }, id });
    return { event_id: id };
  };
}
