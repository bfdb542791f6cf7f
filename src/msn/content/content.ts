import type { UnsupportedKind } from "../base/unsupported-kind.ts";
import type { Invitation, OutgoingInvitation } from "../wire/invitation.ts";
import type { TextStyle } from "./text-style.ts";

export interface TextContent {
  readonly type: "text";
  /** With `\n` between lines. */
  readonly text: string;
  readonly style?: TextStyle;
}

export type PlainContent =
  | { readonly type: "typing" }
  | { readonly type: "nudge" }
  /** The sender does something: "waves". */
  | { readonly type: "action"; readonly text: string };

/** What a message on a switchboard says. */
export type Content =
  /** `alias` is the name under which the sender wants this one text to be shown. */
  | (TextContent & { readonly alias?: string })
  | PlainContent
  /** What program the sender uses; fields by lower-case name. */
  | { readonly type: "client-caps"; readonly fields: ReadonlyMap<string, string> }
  | { readonly type: "invitation"; readonly invitation: Invitation }
  /** A person meant it as a message, and nothing here can read it. */
  | { readonly type: "unsupported"; readonly kind: UnsupportedKind; readonly contentType: string }
  /** Programs talk with one another: nobody has to be told. */
  | { readonly type: "ignored"; readonly contentType: string }
  /** Nobody knows what it is. */
  | { readonly type: "unknown"; readonly contentType: string };

/** What can be sent. */
export type OutgoingContent =
  TextContent | PlainContent | { readonly type: "invitation"; readonly invitation: OutgoingInvitation };
