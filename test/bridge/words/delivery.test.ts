import { expect } from "chai";
import {
  BROKEN,
  declinedChat,
  editKept,
  maybeDelivered,
  notDelivered,
  notShown,
  partlyDelivered,
  perhapsSaidBefore,
  perhapsShown,
  TOO_MANY_MESSAGES,
  UNANSWERED,
} from "../../../src/bridge/words/delivery.ts";
import { MsnError, type MsnErrorCode } from "../../../src/msn/index.ts";
import { errorsOf, WHOLE_SENTENCE } from "../../support/sentences.ts";

// Words that tell which of the sentences it is; `Record` makes the compiler ask for every code.
const DELIVERY: Record<MsnErrorCode, string> = {
  "contact-offline": "Nils is offline",
  timeout: "Nils was called but did not answer",
  "connection-closed": "the connection to MSN is down",
  "connect-failed": "the MSN server cannot be reached",
  "server-busy": "the MSN server is too busy",
  "bad-credentials": "you are signed out of MSN",
  "signed-in-elsewhere": "you are signed out of MSN",
  rejected: "the MSN server refused it",
  "address-refused": "what happened",
  limited: "what happened",
  protocol: "what happened",
};

describe("bridge/words/delivery", () => {
  for (const [error, words] of errorsOf(DELIVERY)) {
    it(`says why a message was not delivered, and what to do: ${error.code}`, () => {
      const sentence = notDelivered({ state: "failed", error }, "Nils");
      expect(sentence)
        .to.match(/^Your message was not delivered: /u)
        .and.include(words)
        .and.match(WHOLE_SENTENCE);
    });
  }

  it("does not claim to know what it cannot know", () => {
    const error = new MsnError("timeout", "what happened");
    const uncertain = notDelivered({ state: "uncertain", error }, "Nils");
    expect(uncertain).to.equal(maybeDelivered("Nils"));
    expect(uncertain).to.include("may not have been delivered").and.match(WHOLE_SENTENCE);
    expect(partlyDelivered("Nils")).to.include("Only the beginning").and.match(WHOLE_SENTENCE);
  });

  const OTHERS: Record<string, [sentence: string, words: string]> = {
    "the bridge broke": [BROKEN, "something in this bridge broke"],
    "too many wait": [TOO_MANY_MESSAGES, "too many are waiting"],
    "the homeserver is silent": [UNANSWERED, "the homeserver did not say"],
    "an edit of what failed": [editKept("Nils", "failed"), "Nils did not get the message"],
    "an edit of what is uncertain": [editKept("Nils", "uncertain"), "Nils may not have got the message"],
    "a message that is refused": [notShown("Nils"), "the homeserver refused it"],
    "a message that is too large": [notShown("Nils", 413), "too large for the homeserver"],
    "a message that may be missing": [perhapsShown("Nils", "!a:x", undefined), "ask Nils to send it again"],
  };
  for (const [what, [sentence, words]] of Object.entries(OTHERS))
    it(`says what to do: ${what}`, () => expect(sentence).to.include(words).and.match(WHOLE_SENTENCE));

  it("repeats the words that may not have been seen", () => {
    expect(perhapsShown("Nils", "!a:x", "hello")).to.match(/this is what Nils wrote: hello$/u);
    expect(perhapsSaidBefore("hello")).to.match(/^You may have read this already, .*: hello$/u);
    expect(declinedChat("nils@example.com")).to.include("Say start-chat with the address of nils@example.com");
  });
});
