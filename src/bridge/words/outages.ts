import type { MsnError } from "../../msn/index.ts";
import { refusedPlace } from "./refused-place.ts";
import { time } from "./time.ts";

/** Why a login has no connection, to be put in brackets. */
export function whyDown(error: MsnError, server: string): string {
  return refusedPlace(error, server)?.replace(/\.$/u, "") ?? error.message;
}

/** The bridge was down without having been stopped. */
export function wasAway(from: Date, to: Date): string {
  // The machine's date may have been set back meanwhile.
  const when = from > to ? `and is back since ${time(to)}` : `from ${time(from)} to ${time(to)}`;
  return (
    `This bridge was away without warning ${when}. What contacts wrote to you in the last ` +
    "moments before that may be lost; ask them if you were in the middle of something."
  );
}

/** The bridge signed out while contacts were writing, and the network ended that before they were done. */
export function cutOff(at: Date, network: string, isFull = false): string {
  const what = isFull ? "signed out of MSN, because its disk is full," : "was stopped";
  return (
    `The bridge ${what} at ${time(at)} while contacts on ${network} were writing to you, and did not hear the end of ` +
    "it. Their last messages may be missing: ask them if you were in the middle of something."
  );
}

const LOST_NAMED = 20;

/** Messages of contacts that could not be kept on a full disk: how many, by the contact's account. */
export function notKept(lost: ReadonlyMap<string, number>, nameOf: (contact: string) => string): string {
  const each = [...lost].map(
    ([who, count]) => `${count === 1 ? "1 message" : `${count} messages`} from ${nameOf(who)}`,
  );
  const rest = each.splice(LOST_NAMED).length;
  const others = rest === 0 ? "" : ` and from ${rest} more ${rest === 1 ? "contact" : "contacts"}`;
  return (
    `${each.join(", ")}${others} could not be kept, because the disk of this bridge was full. ` +
    `Ask ${lost.size === 1 ? "the contact" : "these contacts"} to send them again.`
  );
}

/** A login has been without connection for a while. */
export function noConnection(since: Date, reason: string): string {
  const because = reason === "" ? "" : ` (${reason})`;
  return (
    `no connection to MSN since ${time(since)}${because}. I keep trying. Until it is back, what you write there is not ` +
    "delivered, and you are told so."
  );
}

/** The connection of a login breaks again and again. */
export function keepsBreaking(since: Date, reason: string): string {
  const because = reason === "" ? "" : ` (${reason})`;
  return (
    `the connection to MSN keeps breaking since ${time(since)}${because}. Reconnecting, with longer and longer pauses. ` +
    "Messages that cannot be delivered in the pauses fail with a notice."
  );
}

/** A login that was without connection has it again. */
export function backAgain(now: Date): string {
  return `connected to MSN again since ${time(now)}.`;
}

/** A login that was without connection is not tried any more. */
export function givenUp(): string {
  return "signed out of MSN.";
}
