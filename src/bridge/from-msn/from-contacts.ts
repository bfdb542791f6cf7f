import type { Content, FileReceive } from "../../msn/index.ts";
import { isBlank } from "../../convert/text/clean.ts";
import type { Portal } from "../portal/portal.ts";
import { Unsupported } from "../portal/unsupported.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { LoginPortals } from "../portal/login-portals.ts";

/** Where something happens: with a contact, or in a group, of which the largest set of people is known. */
export interface Place {
  readonly account: string;
  readonly group?: string | undefined;
  readonly people?: readonly string[];
}

/** What contacts say and do in chats, handed to the portals that show it. */
export class FromContacts {
  readonly #scope: LoginScope;
  readonly #portals: LoginPortals;
  readonly #unsupported: Unsupported;

  constructor(scope: LoginScope, portals: LoginPortals) {
    this.#scope = scope;
    this.#portals = portals;
    this.#unsupported = new Unsupported(scope);
  }

  /** Resolves once it is kept. @throws what the disk throws */
  async joined(place: Place, name: string): Promise<void> {
    return this.#portalOf(place).hear({ type: "join", from: place.account, name });
  }

  /** Resolves once it is kept. @throws what the disk throws */
  async left(place: Place): Promise<void> {
    return this.#portalOf(place).hear({ type: "leave", from: place.account });
  }

  /** Neither a portal nor a room is made for it. */
  types({ account, group, people = [] }: Place): void {
    const row = this.#scope.store.portals.find(this.#scope.row.id, "direct", account);
    if (group !== undefined) this.#portals.group(group, people).typing.start(account);
    else if (row !== undefined) this.#portals.of(row).typing.start(account);
  }

  /** Resolves once it is kept, where there is something to keep. @throws what the disk throws */
  async said(place: Place, content: Content): Promise<void> {
    const from = place.account;
    const { log, row } = this.#scope;
    // Clients send empty texts too. Matrix would show an empty message for one, and make a room for it.
    if ((content.type === "text" || content.type === "action") && isBlank(content.text)) {
      log.debug({ login: row.id, content: content.type }, "a message with nothing in it does not cross");
      return;
    }
    switch (content.type) {
      case "text":
        return this.#portalOf(place).hear({ type: "text", from, text: content.text, style: content.style });
      case "action":
        return this.#portalOf(place).hear({ type: "emote", from, text: content.text });
      case "nudge":
        return this.#portalOf(place).hear({ type: "nudge", from });
      case "invitation":
      case "unsupported":
        this.#unsupported.take(from, content, this.#portalOf(place));
        return;
      case "unknown":
        log.info({ login: row.id, contentType: content.contentType }, "a message of an unknown kind does not cross");
        return;
      // For programs only; for typing see `types`.
      case "typing":
      case "client-caps":
      case "ignored":
        log.debug({ login: row.id, content: content.type }, "a message of this kind does not cross");
    }
  }

  offered(contact: string, offer: FileReceive): void {
    try {
      this.#portals.direct(contact).files.offered(offer);
    } catch (error) {
      // The disk takes nothing, so that it could not be shown.
      offer.decline("FAIL");
      throw error;
    }
  }

  #portalOf({ account, group, people = [] }: Place): Portal {
    return group === undefined ? this.#portals.direct(account) : this.#portals.group(group, people);
  }
}
