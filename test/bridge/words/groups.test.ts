import { expect } from "chai";
import { listNames, notCalled } from "../../../src/bridge/words/groups.ts";
import { MsnError } from "../../../src/msn/index.ts";

describe("bridge/words/groups", () => {
  const NAMES: Array<[names: string[], shown: string]> = [
    [["Nils"], "Nils"],
    [["Nils", "Olga"], "Nils, Olga"],
    [["Nils", "Olga", "Pete"], "Nils, Olga, Pete"],
    [["Nils", "Olga", "Pete", "Quinn"], "Nils, Olga, Pete and 1 other"],
    [["Nils", "Olga", "Pete", "Quinn", "Rita"], "Nils, Olga, Pete and 2 others"],
  ];
  for (const [names, shown] of NAMES) {
    it(`call a group of ${names.length} "${shown}"`, () => expect(listNames(names)).to.equal(shown));
  }

  const PROBLEMS: Array<[error: MsnError, words: RegExp]> = [
    [new MsnError("contact-offline", "x", { reason: "contact-offline" }), /Olga is offline, or cannot be reached/u],
    [new MsnError("rejected", "x", { reason: "not-there" }), /lets nobody call/u],
    [new MsnError("rejected", "x", { reason: "already-there" }), /in the conversation already/u],
    [new MsnError("rejected", "x", { reason: "invalid-account" }), /knows no account/u],
    [new MsnError("timeout", "x"), /did not answer/u],
    [new MsnError("bad-credentials", "x"), /signed out/u],
    [
      new MsnError("rejected", "nobody else fits into the conversation"),
      /: nobody else fits into the conversation\.$/u,
    ],
  ];
  for (const [error, words] of PROBLEMS) {
    it(`tell why somebody could not be called: ${error.code} ${error.reason ?? ""}`, () => {
      expect(notCalled(error, "Olga"))
        .to.match(/^Olga could not be called to the chat: /u)
        .and.to.match(words);
    });
  }
});
