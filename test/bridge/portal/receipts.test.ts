import { expect } from "chai";
import { Receipts } from "../../../src/bridge/portal/receipts.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { silentLog } from "../../../src/util/log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { intentOf } from "../../support/scopes.ts";

describe("bridge/portal/receipts", () => {
  let clock: FakeClock;
  let sent: string[];
  let answers: Promise<unknown>[];
  let receipts: Receipts;
  beforeEach(() => {
    [clock, sent, answers] = [new FakeClock(), [], []];
    const user = intentOf("@ghost:x", async (_, path) => {
      sent.push(decodeURIComponent(path).replace(/^.*\//u, ""));
      return answers.shift() ?? {};
    });
    receipts = new Receipts(user, { clock, log: silentLog, signal: new AbortController().signal });
  });

  it("are sent for the newest message only, since they count for all before it", async () => {
    const slow = Promise.withResolvers<object>();
    answers = [slow.promise];
    receipts.add("!r", "$1");
    await clock.advance(0);
    for (const event of ["$2", "$3", "$4"]) receipts.add("!r", event);
    slow.resolve({});
    await clock.advance(0);
    expect(sent).to.deep.equal(["$1"]);
    await clock.advance(1000);
    expect(sent).to.deep.equal(["$1", "$4"]);
  });

  it("are sent at once where there was none a moment ago, and for one that is due when the bridge stops", async () => {
    for (const event of ["$1", "$2"]) {
      receipts.add("!r", event);
      await clock.advance(0);
      expect(sent.at(-1)).to.equal(event);
      await clock.advance(1000);
    }
    expect(clock.waiting).to.equal(0);
    for (const event of ["$3", "$4", "$5"]) {
      receipts.add("!r", event);
      await clock.advance(0);
    }
    expect(sent).to.deep.equal(["$1", "$2", "$3"]);
    await receipts.stop();
    expect(sent).to.deep.equal(["$1", "$2", "$3", "$5"]);
    expect(clock.waiting).to.equal(0);
  });

  it("wait for a homeserver that is away, and by then for the newest message", async () => {
    answers = [Promise.reject(new MatrixError("unreachable", "it is away"))];
    receipts.add("!r", "$1");
    await clock.advance(0);
    receipts.add("!r", "$2");
    await clock.advance(60_000);
    expect(sent).to.deep.equal(["$1", "$2"]);
  });

  it("that are refused are not sent again, and keep no other from being sent", async () => {
    answers = [Promise.reject(new MatrixError("forbidden", "it may not"))];
    receipts.add("!r", "$1");
    await clock.advance(60_000);
    receipts.add("!r", "$2");
    await clock.advance(0);
    expect(sent).to.deep.equal(["$1", "$2"]);
  });
});
