import { expect } from "chai";
import {
  aboutIncoming,
  moving,
  sizeText,
  aboutOutgoing,
  whyHomeserver,
  whyNot,
} from "../../../src/bridge/words/files.ts";
import { MatrixError, type MatrixErrorCode } from "../../../src/matrix/client/errors.ts";
import { MsnError, type FileProblem, type TransferOutcome } from "../../../src/msn/index.ts";

const SUBJECT = { contact: "Nils", file: "a.txt", size: 5 };
const ERROR = new MsnError("rejected", "no", { cause: new MatrixError("unreachable", "away") });

describe("bridge/words/files", () => {
  const SIZES: Array<[bytes: number, text: string]> = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1000, "1.0 kB"],
    [9949, "9.9 kB"],
    [12_345_678, "12 MB"],
    [1024 ** 3, "1.1 GB"],
    [5e15, "5000 TB"],
  ];
  for (const [bytes, text] of SIZES) it(`says ${text}`, () => expect(sizeText(bytes)).to.equal(text));

  it("say how far a file has come", () => {
    const line = moving("Getting it", { done: 999, size: 1000, perSecond: 1234.5 });
    expect(line).to.equal("Getting it: 99 % of 1.0 kB, 1.2 kB per second. React with ❌ to cancel it.");
    expect(moving("x", { done: 0, size: 0, perSecond: 0 })).to.include("0 % of 0 bytes");
    expect(aboutIncoming.done(SUBJECT, 1)).to.equal("The file a.txt of Nils has come: 5 bytes in a second.");
  });

  const fail = (problem: FileProblem): TransferOutcome & { state: "failed" } => ({
    state: "failed",
    problem,
    error: ERROR,
  });
  const WHY: Array<[outcome: Exclude<TransferOutcome, { state: "done" }>, words: string]> = [
    [{ state: "declined", by: "them", code: "REJECT" }, "Nils declined it"],
    [{ state: "declined", by: "them", code: "REJECT_NOT_INSTALLED" }, "does not take files"],
    [{ state: "declined", by: "them", code: "unknown" }, "Nils declined it"],
    [{ state: "declined", by: "them", code: "TIMEOUT" }, "Nils did not answer in time"],
    [{ state: "declined", by: "them", code: "OUTBANDCANCEL" }, "Nils cancelled it"],
    [{ state: "declined", by: "them", code: "FAIL" }, "could not connect to this bridge"],
    [{ state: "declined", by: "us", code: "FAIL" }, "too many files"],
    [{ state: "cancelled", by: "them", code: "OUTBANDCANCEL" }, "Nils cancelled it"],
    [{ state: "cancelled", by: "them", code: "unknown" }, "Nils cancelled it"],
    [{ state: "cancelled", by: "them", code: "TIMEOUT" }, "in time"],
    [{ state: "cancelled", by: "them", code: "FTTIMEOUT" }, "could not connect to this bridge"],
    [{ state: "cancelled", by: "them", code: "FAIL" }, "could not connect to this bridge"],
    [{ state: "cancelled", by: "us", code: "OUTBANDCANCEL" }, "your connection to MSN was ended"],
    [fail("undelivered"), "Nils is offline"],
    [fail("unanswered"), "did not answer"],
    [fail("too-large"), "larger than this bridge allows"],
    [fail("too-many"), "too many files"],
    [fail("no-address"), "media.public_address"],
    [fail("address-refused"), "if Nils is in the same network"],
    [fail("ports-busy"), "ports"],
    [fail("unreachable"), "firewall"],
    [fail("unconnected"), "firewall"],
    [fail("stalled"), "fell silent"],
    [fail("too-slow"), "too long"],
    [fail("closed"), "in the middle"],
    [fail("unconfirmed"), "all of it went out"],
    [fail("protocol"), "does not understand"],
    [fail("wrong-size"), "announced"],
    [fail("not-saved"), "could not save it"],
    [fail("content"), "your homeserver does not answer right now"],
  ];
  for (const [outcome, words] of WHY) {
    const { state, ...rest } = outcome;
    const what = "problem" in rest ? rest.problem : `${rest.by} ${rest.code}`;
    it(`say why a file was ${state}: ${what}`, () => {
      expect(whyNot(outcome, "Nils"))
        .to.include(words)
        .and.not.match(/\.$|\{\}/u);
    });
  }

  it("say that a file may have come where nobody knows", () => {
    const hint = { isLinkLost: false, canRetry: true };
    expect(aboutOutgoing.notSent(SUBJECT, "x", { ...hint, mayHaveCome: true })).to.match(
      /^Nils may not have got the file a\.txt: x\./u,
    );
    expect(aboutOutgoing.notSent(SUBJECT, "x", { ...hint, mayHaveCome: false })).to.match(
      /^Nils did not get the file a\.txt: x\./u,
    );
    expect(aboutOutgoing.over(SUBJECT, true)).to.equal("Nils may not have got the file a.txt.");
  });

  const HOMESERVER: Array<[code: MatrixErrorCode, words: string]> = [
    ["too-large", "as large as this"],
    ["not-found", "does not have it any more"],
    ["timeout", "right now"],
    ["forbidden", "refused it"],
  ];
  for (const [code, words] of HOMESERVER)
    it(`say what the homeserver did: ${code}`, () =>
      expect(whyHomeserver(new MatrixError(code, "x"))).to.include(words));
  it("say who can raise the limit, where somebody answers 413", () => {
    for (const details of [{ status: 413 }, { status: 413, errcode: "M_TOO_LARGE" }, { status: 413, reason: "nginx" }])
      expect(whyHomeserver(new MatrixError("too-large", "x", details))).to.include("max_upload_size");
  });
  it("say so where nobody knows", () => expect(whyHomeserver(new Error("x"))).to.include("could not go on"));
});
