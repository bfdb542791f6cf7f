import type { Content, FileReceive } from "../../msn/index.ts";
import { safeFileName } from "../../util/file-name.ts";
import { isBlank } from "../../convert/text/clean.ts";
import type { PortalRow, Standing } from "../../store/portals.ts";
import type { Portal } from "../portal/portal.ts";
import { Unsupported } from "../portal/unsupported.ts";
import { aboutIncoming } from "../words/files.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { LoginPortals } from "../portal/login-portals.ts";
import type { Strangers } from "./strangers.ts";

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
  readonly #strangers: Strangers;
  readonly #unsupported: Unsupported;

  constructor(scope: LoginScope, portals: LoginPortals, strangers: Strangers) {
    this.#scope = scope;
    this.#portals = portals;
    this.#strangers = strangers;
    this.#unsupported = new Unsupported(scope);
  }

  /** Resolves once it is kept. @throws what the disk throws */
  async joined(place: Place, name: string): Promise<void> {
    const portal = this.#attended(place);
    if (portal === undefined || (this.#strangers.areUnknown([place.account]) && !this.#strangers.mayCome())) return;
    return portal.hear({ type: "join", from: place.account, name });
  }

  /** Resolves once it is kept. @throws what the disk throws */
  async left(place: Place): Promise<void> {
    const { store, row } = this.#scope;
    // Whose coming was not shown has no ghost, and none is made to leave.
    if (this.#strangers.areUnknown([place.account]) && store.ghosts.find(row.server, place.account) === undefined)
      return;
    return this.#attended(place)?.hear({ type: "leave", from: place.account });
  }

  /** Neither a portal nor a room is made for it. */
  types(place: Place): void {
    const row = this.#find(place);
    if (row !== undefined && row.roomId !== null) this.#portals.of(row).typing.start(place.account);
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
        return this.#portalOf(place)?.hear({ type: "text", from, text: content.text, style: content.style });
      case "action":
        return this.#portalOf(place)?.hear({ type: "emote", from, text: content.text });
      case "nudge":
        return this.#portalOf(place)?.hear({ type: "nudge", from });
      case "invitation":
      case "unsupported": {
        const portal = this.#portalOf(place);
        if (portal !== undefined) this.#unsupported.take(from, content, portal);
        return;
      }
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
      this.#offered(this.#portalOf({ account: contact }), offer);
    } catch (error) {
      // The disk takes nothing, so that it could not be shown.
      offer.decline("FAIL");
      throw error;
    }
  }

  #offered(portal: Portal | undefined, offer: FileReceive): void {
    if (portal !== undefined && portal.row.standing !== "held") return portal.files.offered(offer);
    // The offer would run out long before the owner has decided about who makes it.
    offer.decline();
    const who = this.#scope.names.nameOf(offer.contact);
    portal?.show({ type: "notice", text: aboutIncoming.fromStranger(who, safeFileName(offer.name)) });
  }

  /** The portal in which something is said; undefined where it is not to be kept. */
  #portalOf(place: Place): Portal | undefined {
    const { account, group, people = [] } = place;
    // Who has a chat already is looked at no further, and of a group it is enough that somebody is known.
    const isKnown = group !== undefined && !this.#strangers.areUnknown(people);
    const row = isKnown ? undefined : this.#find(place);
    const standing = isKnown ? "open" : this.#standing(row, group === undefined ? [account] : people);
    if (standing === undefined) return undefined;
    if (group !== undefined) return this.#portals.group(group, people, standing);
    return row === undefined ? this.#portals.direct(account, standing) : this.#portals.of(row);
  }

  #standing(row: PortalRow | undefined, people: readonly string[]): Standing | undefined {
    if (row?.standing === "open") return "open";
    if (this.#strangers.areUnknown(people)) return this.#strangers.admit(row);
    if (row !== undefined) this.#portals.welcome(row);
    return "open";
  }

  /** The portal of a group to which somebody comes or goes; undefined where no room is to be made, or changed, for that. */
  #attended(place: Place): Portal | undefined {
    const { group, people = [] } = place;
    const row = this.#find(place);
    // Accounts come cheap, and of some of them there are many groups.
    if (row?.standing !== "open" && this.#strangers.areUnknown(people)) {
      if (row === undefined || row.roomId === null) return undefined;
    } else if (row !== undefined) this.#portals.welcome(row);
    return group === undefined ? undefined : this.#portals.group(group, people);
  }

  #find({ account, group, people = [] }: Place): PortalRow | undefined {
    return group === undefined ? this.#portals.findDirect(account) : this.#portals.findGroup(group, people);
  }
}
