import type { Content, FileReceive, RosterChange } from "../../msn/index.ts";
import { isDiskError } from "../../store/errors.ts";
import type { LoginRow } from "../../store/logins.ts";
import { Limiter } from "../../util/limiter.ts";
import { settleAll } from "../../util/settle-all.ts";
import { movesContacts } from "./contact-changes.ts";
import { EagerPortals } from "./eager-portals.ts";
import { UnstoredEvents } from "./unstored-events.ts";
import { LoginPortals } from "./login-portals.ts";
import type { Topic } from "../base/owner-notices.ts";
import { Outage } from "./outage.ts";
import { OwnStatus } from "./own-status.ts";
import { ContactRequests } from "./contact-requests.ts";
import { notKept } from "../words/outages.ts";
import type { Portal } from "../portal/portal.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";
import { ContactNames } from "../scope/contact-names.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import { RoomFollowers } from "../scope/room-followers.ts";
import { Session, type Network, type SessionEvent } from "../session/session.ts";
import { ServerWords } from "../words/server-words.ts";
import type { SharedLimits } from "./shared-limits.ts";
import { LoginSpaces } from "../spaces/spaces.ts";
import { isBlank } from "../../convert/text/clean.ts";
import { Unsupported } from "../portal/unsupported.ts";
import { commitWithRetry } from "../base/commit.ts";

// How many files go each way at once, and how many more wait. The client has room for both ways.
const [FILES_AT_ONCE, FILES_WAITING] = [10, 500] as const;

/** Where something happens: with a contact, or in a group, of which the largest set of people is known. */
interface Place {
  readonly account: string;
  readonly group?: string | undefined;
  readonly people?: readonly string[];
}

/** What must not be lost when the disk takes nothing. */
const PROMISED: ReadonlySet<SessionEvent["type"]> = new Set(["content", "joined", "left", "notice"]);

/** One MSN account of one Matrix user, with its session and its portals. */
export class Login {
  readonly row: LoginRow;
  readonly session: Session;
  readonly ownStatus: OwnStatus;
  readonly portals: LoginPortals;
  /** What was said and could not be written down. */
  readonly unstored: UnstoredEvents<SessionEvent>;
  /** Undefined where logins have none. */
  readonly spaces: LoginSpaces | undefined;
  readonly #scope: LoginScope;
  readonly #outage: Outage;
  readonly #eager: EagerPortals;
  readonly #requests: ContactRequests;
  readonly #unsupported: Unsupported;
  readonly #serverWords: ServerWords;

  constructor(bridge: BridgeScope, row: LoginRow, network: Network, limits: SharedLimits) {
    const { notices, settings, store } = bridge;
    this.row = row;
    const tellOwner = (sentence: string, topic?: Topic): void => notices.tell(row.owner, sentence, topic);
    // A session does not end because the disk does not take what it has to say.
    const tellSafely = (sentence: string, topic?: Topic): void =>
      commitWithRetry(bridge, () => tellOwner(sentence, topic));
    const options = { ...bridge, row, network, tellOwner };
    this.#outage = new Outage({
      ...options,
      tellOwner: tellSafely,
      hasTold: (about) => notices.hasTold(about),
    });
    const { signIns: turns, switchboards: bucket } = limits.sessions.paceOf(network);
    this.session = new Session({
      ...options,
      limiter: limits.sessions.limiter,
      turns,
      bucket,
      fileOptions: settings.files.client,
      wantedStatus: () => this.ownStatus.wanted,
      tellOwner: tellSafely,
      onEvent: (event) => this.#onEvent(event),
      onState: (state) => {
        this.#follow();
        this.#outage.see(state);
        this.#requests.see(state);
        if (state.type === "connected") this.#contactsChanged();
      },
    });
    const { session } = this;
    const names = new ContactNames(bridge, row, session);
    const fileLimits = {
      fromMsn: new Limiter(FILES_AT_ONCE, FILES_WAITING),
      toMsn: new Limiter(FILES_AT_ONCE, FILES_WAITING),
    };
    const roomFollowers = new RoomFollowers();
    this.#scope = { ...bridge, row, network, session, names, fileLimits, roomFollowers };
    this.ownStatus = new OwnStatus({ ...options, session, rows: store.logins });
    this.#requests = new ContactRequests({ ...options, session });
    const nameOf = (contact: string): string => names.nameOf(contact);
    this.#unsupported = new Unsupported({ ...options, nameOf });
    this.#serverWords = new ServerWords({ ...options, login: row.id, server: network.name, nameOf });
    this.unstored = new UnstoredEvents({
      ...options,
      take: (event) => this.#onEvent(event),
      from: (event) => (event.type === "content" ? event.account : undefined),
      tellLost: (lost) => tellOwner(notKept(lost, nameOf)),
    });
    this.portals = new LoginPortals(this.#scope);
    this.spaces = settings.spaces ? this.#newSpaces(limits) : undefined;
    roomFollowers.add({
      roomsChanged: () => {
        this.spaces?.wake();
        bridge.puppets.wake(row.owner);
      },
    });
    this.#eager = new EagerPortals({
      ...options,
      session,
      portals: this.portals,
      rows: store.portals,
      pace: limits.rooms,
    });
  }

  /** Ends what it does by itself; the rest stays in the journal. */
  async stop(): Promise<void> {
    await settleAll([this.portals.stop(), this.#eager.stop()]);
  }

  get network(): Network {
    return this.#scope.network;
  }

  // Everything that MSN can tell us, on one screen. A throw here would reach the connection's reader.
  #onEvent(event: SessionEvent): void {
    const { log } = this.#scope;
    try {
      switch (event.type) {
        case "content":
          if (event.content.type === "typing") return this.#types(event);
          if (!this.unstored.isEmpty) return this.unstored.add(event);
          this.#said(event, event.content);
          return;
        case "joined":
          if (!this.unstored.isEmpty) return this.unstored.add(event);
          this.#portalOf(event).show({ type: "join", from: event.account, name: event.name });
          return;
        case "left":
          // For people, a chat does not end with the switchboard under it (docs/msnp.md 4.3).
          if (event.quietly) return;
          if (!this.unstored.isEmpty) return this.unstored.add(event);
          this.#portalOf(event).show({ type: "leave", from: event.account });
          return;
        case "presence":
          this.#scope.presence.see(this.row.id, this.row.server, event.account, event.status);
          // With FLN comes no name; what is known of it may be old (docs/msnp.md 3.3).
          if (event.status !== "FLN") this.#scope.names.rename(event.account, event.name);
          return;
        case "name":
          this.#scope.names.rename(event.account, event.name);
          return;
        case "request":
          this.#requests.came(event.account);
          return;
        case "roster":
          this.#unseen(event.change);
          this.#requests.changed(event.change);
          if (movesContacts(event.change)) this.#contactsChanged();
          return;
        case "file":
          this.#offered(event.account, event.offer);
          return;
        case "notice":
          this.#serverWords.take(event.notice);
      }
    } catch (error) {
      log.fatal({ error, login: this.row.id, event: event.type }, "An event of MSN could not be written down.");
      if (PROMISED.has(event.type) && isDiskError(error)) this.unstored.add(event);
    }
  }

  #contactsChanged(): void {
    this.spaces?.wake();
    this.#eager.wake();
  }

  // Within one turn a session can end and another take its place, which is no end for anybody.
  #follow(): void {
    queueMicrotask(() => {
      const { state } = this.session;
      this.ownStatus.see(state);
      this.#scope.presence.session(this.row.id, state.type);
    });
  }

  // Of those who are no contacts any more, servers say nothing.
  #unseen(change: RosterChange): void {
    if (change.type !== "unlisted" || change.list !== "FL" || change.group !== undefined) return;
    this.#scope.presence.see(this.row.id, this.row.server, change.account, "FLN");
  }

  // Neither a portal nor a room is made for it.
  #types({ account, group, people = [] }: Place): void {
    const row = this.#scope.store.portals.find(this.row.id, "direct", account);
    if (group !== undefined) this.portals.group(group, people).typing.start(account);
    else if (row !== undefined) this.portals.of(row).typing.start(account);
  }

  #portalOf({ account, group, people = [] }: Place): Portal {
    return group === undefined ? this.portals.direct(account) : this.portals.group(group, people);
  }

  #said(place: Place, content: Content): void {
    const from = place.account;
    const { log } = this.#scope;
    // Clients send empty texts too. Matrix would show an empty message for one, and make a room for it.
    if ((content.type === "text" || content.type === "action") && isBlank(content.text)) {
      log.debug({ login: this.row.id, content: content.type }, "a message with nothing in it does not cross");
      return;
    }
    switch (content.type) {
      case "text":
        this.#portalOf(place).show({ type: "text", from, text: content.text, style: content.style });
        return;
      case "action":
        this.#portalOf(place).show({ type: "emote", from, text: content.text });
        return;
      case "nudge":
        this.#portalOf(place).show({ type: "nudge", from });
        return;
      case "invitation":
      case "unsupported":
        this.#unsupported.take(from, content, this.#portalOf(place));
        return;
      case "unknown":
        log.info(
          { login: this.row.id, contentType: content.contentType },
          "a message of an unknown kind does not cross",
        );
        return;
      // For programs only; for typing see `#types`.
      case "typing":
      case "client-caps":
      case "ignored":
        log.debug({ login: this.row.id, content: content.type }, "a message of this kind does not cross");
    }
  }

  #offered(contact: string, offer: FileReceive): void {
    try {
      this.portals.direct(contact).files.offered(offer);
    } catch (error) {
      // The disk takes nothing, so that it could not be shown.
      offer.decline("FAIL");
      throw error;
    }
  }

  #newSpaces(limits: SharedLimits): LoginSpaces {
    const { network, settings, puppets, domain } = this.#scope;
    return new LoginSpaces({
      ...this.#scope,
      domain,
      limiter: limits.spaces,
      networkName: network.name,
      federate: settings.federate,
      isUsed: () => this.session.state.type !== "logged-out",
      // Before that the lists may not be complete.
      roster: () => (this.session.state.type === "connected" ? this.session.roster : undefined),
      onRoom: () => puppets.wake(this.row.owner),
    });
  }

  /** What people know a contact as. */
  nameOf(contact: string): string {
    return this.#scope.names.nameOf(contact);
  }
}
