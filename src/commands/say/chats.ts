import type {
  ChatOutcome,
  CloseOutcome,
  GroupChatOutcome,
  NicknameOutcome,
  NudgeOutcome,
  RetryOutcome,
} from "../../bridge/actions/chats.ts";
import { ENCRYPTED_BY_FORCE } from "../../bridge/words/encryption.ts";
import { becameGroup, notCalled, notNudged } from "../../bridge/words/groups.ts";
import { addressOf } from "../../convert/text/links.ts";
import { sayFailure } from "./failures.ts";

export function sayChat(outcome: ChatOutcome): string {
  switch (outcome.type) {
    case "chat-opened": {
      const { account, roomId, isNew, isStranger } = outcome;
      const link = addressOf(roomId);
      if (!isNew) return `You already have a chat with ${account}: ${link}`;
      const warning = isStranger
        ? ` ${account} is not one of your contacts, so you do not see whether she is online; say add ${account} to change that.`
        : "";
      return `I invited you to your chat with ${account}: ${link}${warning}`;
    }
    case "chat-encrypted":
      return `I made a room for ${outcome.account}, but it is of no use. ${ENCRYPTED_BY_FORCE}`;
    case "logged-out":
      return `${outcome.passport} is logged out, so the chat would lead nowhere. Say login first.`;
    default:
      return sayFailure(outcome);
  }
}

/** Undefined: the chat itself shows it. */
export function sayGroupChat(outcome: GroupChatOutcome): string | undefined {
  switch (outcome.type) {
    case "group-opened": {
      const { name, roomId, missing } = outcome;
      return `${becameGroup(name, roomId)}${missing.length === 0 ? "" : ` Not there: ${missing.join(", ")}.`}`;
    }
    case "invited":
      return undefined;
    case "not-called":
      return notCalled(outcome.error, outcome.who.join(", "));
    default:
      return sayFailure(outcome);
  }
}

export function sayNudge(outcome: NudgeOutcome): string {
  return outcome.type === "nudged" ? "Nudged." : notNudged(outcome.error, outcome.name);
}

export function sayNickname(outcome: NicknameOutcome): string {
  if (outcome.type !== "nicknamed") return sayFailure(outcome);
  const { account, title } = outcome;
  return title === null ? `${account} goes by her own name.` : `Your room with ${account} is called ${title}.`;
}

export function sayClosed(outcome: CloseOutcome): string {
  if (outcome.type === "no-room") return "That chat has no room. Say start-chat to open one.";
  const what = outcome.end === "deleted" ? "deleted" : "not bridged any more";
  const rest = outcome.isEmpty ? "" : " The homeserver did not let everybody leave the old room.";
  return `The room of your chat with ${outcome.name} is ${what}. The next message, or start-chat, opens a new one.${rest}`;
}

/** Undefined: the message itself shows it. */
export function sayRetry(outcome: RetryOutcome): string | undefined {
  switch (outcome.type) {
    case "retried":
      return undefined;
    case "nothing-to-retry":
      return "There is nothing here that could be sent again.";
    default:
      return sayFailure(outcome);
  }
}
