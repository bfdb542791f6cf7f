import type { PuppetState } from "../../bridge/puppets/puppets.ts";
import type { HomeserverFailure } from "../../bridge/actions/homeserver.ts";
import type { TokenForgotten, TokenOutcome } from "../../bridge/actions/puppets.ts";
import { sayFailure } from "./failures.ts";

const ELSEWHERE =
  "I can accept invitations only for people of the homeserver that I belong to, and you are of another.";

export function sayToken(outcome: TokenOutcome): string {
  switch (outcome.type) {
    case "works":
      return "Your access token works: from now on I accept the invitations to your chats for you.";
    case "no-token":
      return "That is not an access token.";
    case "refused":
      return "The homeserver does not take that access token. Copy it once more, the whole of it.";
    case "somebody-else":
      return `That is the access token of ${outcome.userId}, not yours.`;
    case "elsewhere":
      return ELSEWHERE;
    default:
      return sayFailure(outcome);
  }
}

export function sayForgotten(outcome: TokenForgotten): string {
  if (outcome.type === "no-token") return "I have no access token of yours.";
  const after = outcome.goesOn
    ? "I go on accepting your invitations, because whoever runs this bridge has set it up so."
    : "From now on you accept the invitations to your chats yourself.";
  return `I have forgotten your access token; it stays valid until you sign out of its session. ${after}`;
}

export function sayPuppet(state: PuppetState | HomeserverFailure): string {
  switch (state.type) {
    case "elsewhere":
      return ELSEWHERE;
    case "none":
      return "I cannot accept invitations for you. Say login-matrix to let me.";
    case "lost":
      return "The homeserver does not let me act for you any more. Say login-matrix to give me an access token.";
    case "works":
      return state.by === "own-token"
        ? "Your access token works: I accept the invitations to your chats for you."
        : "I accept the invitations to your chats for you, because whoever runs this bridge has set it up so.";
    default:
      return sayFailure(state);
  }
}
