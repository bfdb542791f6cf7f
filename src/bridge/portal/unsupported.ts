import { answerTo, type Content, type Invitation } from "../../msn/index.ts";
import { aboutIncoming } from "../words/files.ts";
import { OnceAnHour } from "../base/once-an-hour.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { Portal } from "./portal.ts";
import { plainName } from "../../convert/to-matrix.ts";
import { otherProgram, UNSUPPORTED, unreadableOffer } from "../words/unsupported.ts";

const MAX_AN_HOUR = 1000;

/** What a contact says that cannot be shown. */
type UnsupportedContent = Extract<Content, { type: "unsupported" | "invitation" }>;

/**
 * Tells the owner what contacts wanted and this bridge cannot do: one notice a chat, contact, kind and hour. Invitations
 * are declined, since the contact's client waits for an answer.
 */
export class Unsupported {
  readonly #scope: LoginScope;
  readonly #told: OnceAnHour;

  constructor(scope: LoginScope) {
    this.#scope = scope;
    this.#told = new OnceAnHour(scope.clock, MAX_AN_HOUR);
  }

  /** @throws what the disk throws, when it cannot be written down that something is to be told */
  take(contact: string, content: UnsupportedContent, portal: Portal): void {
    if (content.type === "invitation") return this.#invited(contact, content.invitation, portal);
    this.#tell(portal, contact, content.kind, UNSUPPORTED[content.kind]);
  }

  #tell(portal: Portal, contact: string, kind: string, sentence: (name: string) => string): void {
    const { names, log } = this.#scope;
    const text = sentence(names.nameOf(contact));
    const isTold = this.#told.tell(`${portal.row.id} ${contact} ${kind}`, () => portal.refuse(kind, text));
    if (!isTold) log.warn({ kind }, "too much comes that cannot be shown, so that not all of it is told");
  }

  // Files in groups do not cross: the contact is told by their client, and the owner that there was one.
  #invited(contact: string, invitation: Invitation, portal: Portal): void {
    const { clock, log } = this.#scope;
    this.#tellInvited(contact, invitation, portal);
    // The client has refused it, because too many wait.
    if (invitation.type === "file-invite" && portal.members.kind === "direct") return;
    const answer =
      invitation.type === "file-invite"
        ? ({ type: "cancel", cookie: invitation.cookie, code: "REJECT" } as const)
        : answerTo(invitation);
    if (answer === undefined) return;
    portal
      .say({ type: "invitation", invitation: answer }, clock.now())
      .catch((error: unknown) => log.debug({ error }, "an invitation could not be declined"));
  }

  #tellInvited(contact: string, invitation: Invitation, portal: Portal): void {
    switch (invitation.type) {
      case "file-invite":
        return portal.members.kind === "direct"
          ? this.#tell(portal, contact, "too-many-files", aboutIncoming.tooMany)
          : this.#tell(portal, contact, "file-in-group", (name) => aboutIncoming.inGroup(name, invitation.file));
      case "foreign": {
        const { kind } = invitation;
        if (kind !== undefined) return this.#tell(portal, contact, kind, UNSUPPORTED[kind]);
        const program = plainName(invitation.name ?? "");
        return this.#tell(portal, contact, "program", (name) => otherProgram(name, program));
      }
      case "malformed":
        if (invitation.reason === "file" || invitation.reason === "size")
          this.#tell(portal, contact, "unreadable-offer", unreadableOffer);
        return;
      // Of transfers that are over.
      case "accept":
      case "cancel":
    }
  }
}
