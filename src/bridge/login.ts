import { accountKey, answerTo, type Content, type Invitation } from "../msn/index.ts";
import type { LoginRow } from "../store/logins.ts";
import type { PortalRow } from "../store/portals.ts";
import type { Store } from "../store/store.ts";
import type { Ghosts } from "./ghost.ts";
import { Portal, type PortalOptions } from "./portal.ts";
import { ensureRoom, type OpenRoom } from "./room.ts";
import { ENCRYPTED_BY_FORCE, tellOperatorOfEncryption } from "./sentences.ts";
import { isDiskError } from "../store/errors.ts";
import { later } from "../util/clock.ts";
import { Session, type Network, type SessionEvent, type SessionOptions } from "./session.ts";

export interface LoginOptions extends Omit<SessionOptions, "onEvent"> {
  readonly store: Store;
  readonly ghosts: Ghosts;
  /** Whether people of other homeservers may be in the rooms. */
  readonly federate: boolean;
  /** Aborted when the bridge stops. */
  readonly signal: AbortSignal;
}

const HELD_LIMIT = 1000;
const HELD_MS = 5000;

/** One MSN account of one Matrix user, with its session and its portals. */
export class Login {
  readonly row: LoginRow;
  readonly session: Session;
  readonly #options: LoginOptions;
  readonly #portals = new Map<number, Portal>();
  /** What contacts call themselves, as seen in this run; lists hold older names. */
  readonly #names = new Map<string, string>();
  /** What was said while it could not be written down. */
  readonly #held: SessionEvent[] = [];

  constructor(options: LoginOptions) {
    this.#options = options;
    this.row = options.row;
    this.session = new Session({ ...options, onEvent: (event) => this.#onEvent(event) });
  }

  get network(): Network {
    return this.#options.network;
  }

  /** The direct portal with a contact; made if there is none yet. Its room comes with the first message. */
  direct(contact: string): Portal {
    const { portals } = this.#options.store;
    const key = { loginId: this.row.id, kind: "direct", remote: contact } as const;
    return this.portalOf(portals.find(key.loginId, key.kind, key.remote) ?? portals.save(key));
  }

  /** The portal that a row of this login stands for. */
  portalOf(row: PortalRow): Portal {
    const known = this.#portals.get(row.id);
    if (known !== undefined) return known;
    const portal = this.#newPortal(row);
    this.#portals.set(row.id, portal);
    return portal;
  }

  /** Works off what an earlier run left in the journal. */
  resume(): void {
    for (const row of this.#options.store.portals.listByLogin(this.row.id)) this.portalOf(row).resume();
  }

  /** Ends what the portals are doing; the rest stays in the journal. */
  async stopPortals(): Promise<void> {
    await Promise.all([...this.#portals.values()].map((portal) => portal.stop()));
  }

  // Everything that MSN can tell us, on one screen. A throw here would reach the connection's reader.
  #onEvent(event: SessionEvent): void {
    const { log } = this.#options;
    try {
      switch (event.type) {
        case "content":
          if (this.#held.length > 0) return this.#hold(event);
          this.#said(event.account, event.content);
          return;
        case "presence":
          // With FLN comes no name; what is known of it may be old (docs/msnp.md 3.3).
          if (event.status !== "FLN") this.#named(event.account, event.name);
          return;
        case "name":
          this.#named(event.account, event.name);
          return;
        case "joined":
        case "left":
        case "request":
        case "roster":
        case "notice":
          log.debug({ login: this.row.id, event: event.type }, "an event of this kind does not cross");
      }
    } catch (error) {
      log.fatal({ error, login: this.row.id, event: event.type }, "An event of MSN could not be written down.");
      if (event.type === "content" && isDiskError(error)) this.#hold(event);
    }
  }

  /** Writes down what is held, if the disk takes it now: the last chance before the end. */
  flush(): void {
    for (const held of this.#held.splice(0)) this.#onEvent(held);
    if (this.#held.length > 0)
      this.#options.log.fatal({ count: this.#held.length }, "Messages from MSN were lost at the end.");
  }

  // The disk is full: what was said waits in memory, in order, until it is not.
  #hold(event: SessionEvent): void {
    const { clock, log, signal } = this.#options;
    if (this.#held.length >= HELD_LIMIT) {
      log.fatal({ login: this.row.id }, "A message from MSN was lost, because too many wait for the disk.");
      return;
    }
    if (this.#held.push(event) > 1) return;
    const again = (): void => {
      const events = this.#held.splice(0);
      for (const held of events) this.#onEvent(held);
    };
    later(clock, HELD_MS, signal, again);
  }

  #said(contact: string, content: Content): void {
    switch (content.type) {
      case "text":
        this.direct(contact).show({ type: "text", text: content.text });
        return;
      case "action":
        this.direct(contact).show({ type: "text", text: `* ${content.text}` });
        return;
      case "nudge":
        this.direct(contact).show({ type: "notice", text: `${this.#nameOf(contact)} sent you a nudge.` });
        return;
      case "invitation":
        this.#invited(contact, content.invitation);
        return;
      case "typing":
      case "client-caps":
      case "unknown":
        this.#options.log.debug({ login: this.row.id, content: content.type }, "a message of this kind does not cross");
    }
  }

  // Files do not cross yet: the contact is told by her client, and the person that there was one.
  #invited(contact: string, invitation: Invitation): void {
    const { clock, log } = this.#options;
    const answer =
      invitation.type === "file-invite"
        ? ({ type: "cancel", cookie: invitation.cookie, code: "REJECT" } as const)
        : answerTo(invitation);
    if (invitation.type === "file-invite") {
      const text =
        `${this.#nameOf(contact)} wanted to send you the file ${invitation.file}. This bridge cannot carry files yet, ` +
        "so it was declined.";
      this.direct(contact).show({ type: "notice", text });
    }
    if (answer === undefined) return;
    const content = { type: "invitation", invitation: answer } as const;
    this.session
      .say(contact, content, clock.now(), () => undefined)
      .catch((error: unknown) => log.debug({ error }, "an invitation could not be declined"));
  }

  /** What people know a contact as. */
  #nameOf(contact: string): string {
    return this.#options.store.ghosts.find(this.row.server, contact)?.name ?? this.#guess(contact);
  }

  #guess(contact: string): string {
    return this.#names.get(contact) ?? this.session.contacts.get(contact)?.name ?? contact;
  }

  #named(contact: string, name: string): void {
    this.#names.set(contact, name);
    this.#options.ghosts.rename(this.row.server, contact, name);
  }

  #newPortal(row: PortalRow): Portal {
    const { store, ghosts, clock, log, signal, federate, tellOwner } = this.#options;
    const ghost = ghosts.intent(this.row.server, row.remote);
    const name = (): string => this.#nameOf(row.remote);
    const key = `${this.row.server}/${accountKey(this.row.passport)}/${row.kind}/${row.remote}`;
    const { owner } = this.row;
    const makeRoom = async (): Promise<OpenRoom> => {
      await ghosts.introduce(this.row.server, row.remote, this.#guess(row.remote));
      const options = { portals: store.portals, federate, clock, log, signal };
      const room = await ensureRoom(options, store.portals.get(row.id), { ghost, owner, key });
      if (room.isEncrypted) this.#encryptedByForce(row);
      return room;
    };
    const { journal, portals, said } = store;
    const say: PortalOptions["say"] = (...what) => this.session.say(row.remote, ...what);
    return new Portal({
      row,
      journal,
      portals,
      said,
      ghost,
      owner,
      name,
      makeRoom,
      say,
      tellOwner,
      batch: (work) => store.batch(work),
      clock,
      log,
      signal,
    });
  }

  #encryptedByForce(row: PortalRow): void {
    tellOperatorOfEncryption(this.#options.log);
    this.portalOf(row).show({ type: "notice", text: ENCRYPTED_BY_FORCE });
  }
}
