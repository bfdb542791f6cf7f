import type { MsnScope } from "../base/scope.ts";
import type { Delivery, WriteListener } from "../chat/delivery.ts";
import type { Dial } from "../net/dial.ts";
import type { OutgoingInvitation } from "../wire/invitation.ts";
import type { FileRules } from "./file-options.ts";

/** How contacts are told about transfers. */
export interface TransferChannel {
  /** Tells a contact about a transfer, on a switchboard that is opened if there is none. @throws MsnError */
  say(contact: string, invitation: OutgoingInvitation, listener: WriteListener): Promise<Delivery>;
  /** The same, if they can be told without opening one; nobody asks whether it arrived. */
  mention(contact: string, invitation: OutgoingInvitation): void;
}

/** The limit to how many transfers there are at once. */
export interface TransferPlaces {
  /**
   * @param from who sends what we receive; undefined for what we send
   * @returns false when all that they may have are taken
   */
  take(from?: string): boolean;
  giveBack(from?: string): void;
}

/** What transfers need of the client. */
export interface TransferContext extends MsnScope {
  readonly dial: Dial;
  readonly rules: FileRules;
  readonly channel: TransferChannel;
  readonly places: TransferPlaces;
}

/** What a transfer is about. */
export interface TransferSubject {
  readonly contact: string;
  readonly cookie: string;
  /** Bytes. */
  readonly size: number;
  /** So many of its bytes have gone over. */
  reportProgress(bytes: number): void;
}
