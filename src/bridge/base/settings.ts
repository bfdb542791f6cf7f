import type { FileOptions } from "../../msn/index.ts";
import type { StatusPolicy } from "../../store/logins.ts";

/** What becomes of rooms when a user logs out. */
export const LOGOUT_WAYS = ["keep", "leave", "delete"] as const;
export type LogoutWay = (typeof LOGOUT_WAYS)[number];

/** What the admin has chosen, as far as the bridge's inside has to know. */
export interface Settings {
  /** Whether people of other homeservers may be in the rooms. */
  readonly federate: boolean;
  /** Whether a read receipt of the contact says that a message was delivered. */
  readonly deliveryReceipts: boolean;
  /** How many accounts one user may have here. */
  readonly maxLogins: number;
  /** What `logout` does with the rooms when it is not told. */
  readonly cleanupOnLogout: LogoutWay;
  /** Whether each account gets a space, and each of its groups one within it. */
  readonly spaces: boolean;
  /** For whom a room is made: for contacts who write, also for those in the group of favourites, or for all. */
  readonly createPortals: "on-message" | "favourites" | "all";
  /** What is done when somebody writes who is no contact: they get a room, the owner is asked, or nothing. */
  readonly strangers: "room" | "ask" | "ignore";
  /** What is done when an account asks to be a contact. */
  readonly requests: "ask" | "accept" | "decline";
  readonly messages: {
    readonly emoticons: boolean;
    readonly replies: "off" | "short" | "full";
    readonly reactions: "off" | "text";
    /** Whether what bots say crosses. */
    readonly notices: boolean;
  };
  readonly files: {
    /** What is done when a contact offers a file. */
    readonly receive: "auto" | "ask" | "off";
    /** Up to how many bytes a file is taken without asking, where `receive` is `auto`. */
    readonly autoLimit: number;
    /** How many bytes a contact may send in a day without asking. */
    readonly dailyLimit: number;
    /** The largest file either way, in bytes. */
    readonly maxSize: number;
    readonly client: FileOptions;
  };
  readonly presence: {
    /** Whether ghosts show what contacts do. */
    readonly toMatrix: boolean;
    /** How many changes the homeserver is told in a second, over the whole bridge. */
    readonly perSecond: number;
    /** How the status of a new login is chosen. */
    readonly policy: StatusPolicy;
  };
}
