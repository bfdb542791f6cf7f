import { expect } from "chai";
import {
  backAgain,
  cutOff,
  givenUp,
  keepsBreaking,
  noConnection,
  notKept,
  wasAway,
} from "../../../src/bridge/words/outages.ts";

const [NOON, LATER] = [new Date(Date.UTC(2006, 3, 1, 12)), new Date(Date.UTC(2006, 3, 1, 12, 5))];

describe("bridge/words/outages", () => {
  const SENTENCES: Record<string, [sentence: string, words: RegExp]> = {
    "the bridge was killed": [wasAway(NOON, LATER), /from 2006-04-01 12:00 UTC to 2006-04-01 12:05 UTC\..*ask them/u],
    "the date was set back meanwhile": [
      wasAway(LATER, NOON),
      /without warning and is back since 2006-04-01 12:00 UTC\. /u,
    ],
    "the bridge was stopped": [cutOff(NOON, "Escargot"), /was stopped at 2006-04-01 12:00 UTC .*Escargot.*ask them/u],
    "the disk was full": [cutOff(NOON, "Escargot", true), /because its disk is full, at 2006-04-01/u],
    "there is no connection": [noConnection(NOON, "why"), /^no connection .*2006-04-01 12:00 UTC \(why\)\./u],
    "there is no connection, and no reason": [noConnection(NOON, ""), /12:00 UTC\./u],
    "the connection keeps breaking": [keepsBreaking(NOON, "why"), /keeps breaking since .* \(why\)\. Reconnecting/u],
    "the connection is back": [backAgain(LATER), /^connected .*12:05 UTC\.$/u],
    "the login has ended": [givenUp(), /signed out/u],
  };
  for (const [what, [sentence, words]] of Object.entries(SENTENCES))
    it(`says that ${what}`, () => expect(sentence).to.match(words).and.match(/\.$/u));

  const nameOf = (account: string): string => account.replace(/@.*/u, "");
  it("counts the messages that a full disk has cost", () => {
    expect(notKept(new Map([["nils@x", 1]]), nameOf)).to.match(/^1 message from nils could not .* Ask the contact/u);
    const two = new Map([
      ["nils@x", 2],
      ["olga@x", 1],
    ]);
    expect(notKept(two, nameOf)).to.match(/^2 messages from nils, 1 message from olga could.* Ask these contacts/u);
  });
  it("names only the first of many contacts", () => {
    const many = (count: number): ReadonlyMap<string, number> =>
      new Map(Array.from({ length: count }, (_, index) => [`c${index}@x`, 1]));
    expect(notKept(many(20), nameOf)).to.not.include("more contact");
    expect(notKept(many(21), nameOf)).to.include("from c19 and from 1 more contact could");
    expect(notKept(many(25), nameOf)).to.include("from c19 and from 5 more contacts could");
  });
});
