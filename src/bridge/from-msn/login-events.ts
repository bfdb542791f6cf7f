import type { RosterChange } from "../../msn/index.ts";
import { isDiskError } from "../../store/errors.ts";
import { later } from "../../util/clock.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { SessionListener } from "../session/listener.ts";
import type { SessionEvent, SessionState } from "../session/session.ts";
import { movesContacts } from "./contact-changes.ts";
import type { ContactRequests } from "./contact-requests.ts";
import type { HeldBack } from "./held-back.ts";
import type { Strangers } from "./strangers.ts";
import type { EagerPortals } from "../portal/eager-portals.ts";
import type { FromContacts } from "./from-contacts.ts";
import type { Outage } from "./outage.ts";
import type { OwnStatus } from "../own-status/own-status.ts";
import { ServerWords } from "./server-words.ts";
import type { LoginSpaces } from "../spaces/spaces.ts";
import { UnstoredEvents, type EventTaker } from "./unstored-events.ts";

/** The parts of a login that follow what happens on MSN. */
interface Followers {
  readonly contacts: FromContacts;
  readonly requests: ContactRequests;
  readonly strangers: Strangers;
  readonly heldBack: HeldBack;
  readonly outage: Outage;
  readonly ownStatus: OwnStatus;
  readonly eager: EagerPortals;
  readonly spaces: LoginSpaces | undefined;
}

const GATHER_MS = 200;

/** What must not be lost when the disk takes nothing. */
const PROMISED: ReadonlySet<SessionEvent["type"]> = new Set(["content", "joined", "left", "notice"]);

/** Takes everything that MSN tells a login, and hands each event to the part that it is for. */
export class LoginEvents implements SessionListener, EventTaker {
  /** What was said and could not be written down. */
  readonly unstored: UnstoredEvents;
  readonly #scope: LoginScope;
  readonly #followers: Followers;
  readonly #serverWords: ServerWords;
  /** What was said and done, until it is kept or has come back. */
  readonly #keeping = new Set<Promise<void>>();
  #isLookingAtStrangers = false;

  constructor(scope: LoginScope, followers: Followers) {
    this.#scope = scope;
    this.#followers = followers;
    this.#serverWords = new ServerWords(scope);
    this.unstored = new UnstoredEvents(scope, this);
  }

  // A throw here would reach the connection's reader.
  onEvent(event: SessionEvent): void {
    try {
      this.#take(event);
    } catch (error) {
      this.#failed(event, error);
    }
  }

  async written(): Promise<void> {
    while (this.#keeping.size > 0) await Promise.all(this.#keeping);
  }

  onState(state: SessionState): void {
    const { outage, requests } = this.#followers;
    this.#follow();
    outage.see(state);
    requests.see(state);
    if (state.type !== "connected") return;
    this.#contactsChanged();
    this.#strangersKnown();
  }

  // Everything that MSN can tell us, on one screen.
  #take(event: SessionEvent): void {
    const { names, presence, row } = this.#scope;
    const { contacts, requests } = this.#followers;
    switch (event.type) {
      case "content":
        if (event.content.type === "typing") return contacts.types(event);
        if (!this.unstored.isEmpty) return this.unstored.add(event);
        return this.#keep(event, contacts.said(event, event.content));
      case "joined":
        if (!this.unstored.isEmpty) return this.unstored.add(event);
        return this.#keep(event, contacts.joined(event, event.name));
      case "left":
        // For people, a chat does not end with the switchboard under it (docs/msnp.md 4.3).
        if (event.quietly) return;
        if (!this.unstored.isEmpty) return this.unstored.add(event);
        return this.#keep(event, contacts.left(event));
      case "missed-call":
        return this.#serverWords.missedCall(event.account, event.error);
      case "presence":
        presence.see(row.id, row.server, event.account, event.status);
        // With FLN comes no name; what is known of it may be old (docs/msnp.md 3.3).
        if (event.status !== "FLN") names.rename(event.account, event.name);
        return;
      case "name":
        return names.rename(event.account, event.name);
      case "request":
        return requests.came(event.account);
      case "roster":
        this.#unseen(event.change);
        requests.changed(event.change);
        if (event.change.type === "listed" && ["FL", "AL"].includes(event.change.list)) this.#strangersKnown();
        if (movesContacts(event.change)) this.#contactsChanged();
        return;
      case "file":
        return contacts.offered(event.account, event.offer);
      case "notice":
        return this.#serverWords.take(event.notice);
    }
  }

  #keep(event: SessionEvent, writing: Promise<void>): void {
    const kept = writing
      .catch((error: unknown) => this.#failed(event, error))
      .finally(() => this.#keeping.delete(kept));
    this.#keeping.add(kept);
  }

  #failed(event: SessionEvent, error: unknown): void {
    const { log, row } = this.#scope;
    log.fatal({ error, login: row.id, event: event.type }, "An event of MSN could not be written down.");
    if (PROMISED.has(event.type) && isDiskError(error)) this.unstored.add(event);
  }

  // Lists come in piece by piece, and a decision changes several of them.
  #strangersKnown(): void {
    const { strangers, heldBack } = this.#followers;
    const { clock, signal, log, row } = this.#scope;
    if (this.#isLookingAtStrangers) return;
    this.#isLookingAtStrangers = true;
    later(clock, GATHER_MS, signal, () => {
      this.#isLookingAtStrangers = false;
      try {
        strangers.welcomeKnown();
        heldBack.resume();
      } catch (error) {
        log.error({ error, login: row.id }, "it could not be seen which strangers are known by now");
      }
    });
  }

  #contactsChanged(): void {
    this.#followers.spaces?.wake();
    this.#followers.eager.wake();
  }

  // Within one turn a session can end and another take its place, which is no end for any part.
  #follow(): void {
    queueMicrotask(() => {
      const { session, presence, row } = this.#scope;
      this.#followers.ownStatus.see(session.state);
      presence.session(row.id, session.state.type);
    });
  }

  // Of those who are no contacts any more, servers say nothing.
  #unseen(change: RosterChange): void {
    if (change.type !== "unlisted" || change.list !== "FL" || change.group !== undefined) return;
    const { presence, row } = this.#scope;
    presence.see(row.id, row.server, change.account, "FLN");
  }
}
