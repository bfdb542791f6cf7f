import { expect } from "chai";
import * as fc from "fast-check";
import { NO_JOURNAL, type Facts, type LifeFacts, type PortalRoom, type Written } from "./facts.ts";
import { isGood, judge, MESSAGE_FAULTS, OTHER_FAULTS, type Verdict, type Way } from "./ledger.ts";

const room = (parts: Partial<PortalRoom> = {}): PortalRoom => ({
  id: "!one",
  owner: "ann",
  membership: "join",
  contact: "nils",
  shown: [],
  notices: [],
  receipts: [],
  ...parts,
});
const fromNils = (number: number): string => `m nils ann ${number}`;
const fromAnn = (number: number): string => `m ann nils ${number}`;
const written = (number: number, parts: Partial<Written> = {}): Written => ({
  text: fromNils(number),
  socket: 1,
  kill: null,
  at: 0,
  ...parts,
});
/** One that noted some messages as kept, and made a turn every ten milliseconds, 20 in all. */
const life = (...kept: number[]): LifeFacts => ({
  turnsSince: (at) => 20 - at / 10,
  hasKept: (text) => kept.map(fromNils).includes(text),
});
const facts = (parts: Partial<Facts> = {}): Facts => ({
  written: [],
  sent: [],
  received: [],
  rooms: [room()],
  journal: NO_JOURNAL,
  lives: [life(), life()],
  still: [],
  ...parts,
});
const sent = (number: number): Facts["sent"][number] => ({ text: fromAnn(number), eventId: `$${number}` });
const received = (...numbers: number[]): Facts["received"] =>
  numbers.map((number) => ({ by: "nils", text: fromAnn(number) }));
const told = (...words: string[]): Partial<Facts> => ({
  rooms: [room({ notices: words.map((text) => ({ replyTo: "$1", text })) })],
});
const journal = (state: string): Partial<Facts> => ({
  journal: { ...NO_JOURNAL, states: new Map([["$1", state]]) },
});

const MAYBE = "Your message may not have been delivered: the connection was lost.";
const NOT = "Your message was not delivered: Nils is offline.";
const KILLED = { kill: 1, at: 150 };

type Faults = Readonly<Partial<Record<(typeof MESSAGE_FAULTS)[number] | (typeof OTHER_FAULTS)[number], number>>>;

/** What stands in the verdict is just this, in one direction, and there is a line for each. */
function expectFaults(verdict: Verdict, faults: Faults, way: Way = "toMatrix"): void {
  const { messages, others, problems } = verdict;
  for (const kind of MESSAGE_FAULTS) {
    expect(messages[kind], kind).to.deep.equal({ toMatrix: 0, toMsn: 0, [way]: faults[kind] ?? 0 });
  }
  for (const kind of OTHER_FAULTS) expect(others[kind], kind).to.equal(faults[kind] ?? 0);
  expect(isGood(verdict)).to.equal(Object.keys(faults).length === 0);
  expect(problems).to.have.length(Object.values(faults).reduce((sum, one) => sum + one, 0));
}

describe("kill/ledger", () => {
  describe("from MSN to Matrix", () => {
    const cases: [what: string, numbers: Written[], shown: number[], faults: Faults][] = [
      ["all is well", [written(1), written(2)], [1, 2], {}],
      ["a lost message", [written(1), written(2)], [1], { lost: 1 }],
      ["a doubled message", [written(1), written(2)], [1, 2, 1], { doubled: 1 }],
      ["a message out of order", [written(1), written(2), written(3)], [1, 3, 2], { outOfOrder: 1 }],
      ["a message that was on its way at a kill", [written(1), written(2, KILLED)], [1], {}],
      ["one that was on its way and came all the same", [written(1, KILLED)], [1], {}],
      ["one on a connection that no kill ended", [written(1, { at: 150 })], [], { lost: 1 }],
      ["as many as can have been on their way", [1, 2, 3].map((number) => written(number, KILLED)), [], {}],
      ["one that could have been read for long", [written(1, { kill: 1, at: 30 })], [], { lost: 1 }],
      ["one that was written just late enough", [written(1, { kill: 1, at: 40 })], [], {}],
      [
        "two at two kills, on two connections",
        [written(1, KILLED), written(2, { kill: 2, at: 180, socket: 2 })],
        [],
        {},
      ],
      [
        "one written before another on the same connection that came",
        [written(1, KILLED), written(2, KILLED)],
        [2],
        { lost: 1 },
      ],
      [
        "one written before another on another connection that came",
        [written(1, KILLED), written(2, { ...KILLED, socket: 2 })],
        [2],
        {},
      ],
      [
        "more than can have been on their way",
        Array.from({ length: 4 }, (_, index) => written(index, KILLED)),
        [],
        { tooManyUnknowable: 1 },
      ],
    ];
    for (const [what, numbers, shown, faults] of cases) {
      it(`judges ${what}`, () => {
        expectFaults(judge(facts({ written: numbers, rooms: [room({ shown: shown.map(fromNils) })] })), faults);
      });
    }

    it("counts what is unknowable apart", () => {
      const verdict = judge(facts({ written: [written(1, KILLED), written(2, { kill: 2, at: 120, socket: 2 })] }));
      expectFaults(verdict, {});
      expect(verdict).to.include({ unknowable: 2, mostTurns: 8 });
      expect(verdict.delivered.toMatrix).to.equal(0);
    });

    it("knows that what was on disk can never be missing", () => {
      expectFaults(judge(facts({ written: [written(1, KILLED)], lives: [life(1)] })), { lost: 1 });
      expectFaults(judge(facts({ written: [written(1, KILLED)], lives: [life(2)] })), {});
    });

    it("takes a message that is shown in somebody else's room for lost", () => {
      const rooms = [room({ shown: [fromNils(1)], contact: "mia" })];
      expectFaults(judge(facts({ written: [written(1)], rooms })), { lost: 1 });
    });
  });

  describe("from Matrix to MSN", () => {
    const cases: [what: string, parts: Partial<Facts>, faults: Faults][] = [
      ["all is well", { sent: [sent(1), sent(2)], received: received(1, 2) }, {}],
      ["a lost message", { sent: [sent(1), sent(2)], received: received(2) }, { lost: 1 }],
      ["a doubled message", { sent: [sent(1)], received: received(1, 1) }, { doubled: 1 }],
      ["messages out of order", { sent: [sent(1), sent(2)], received: received(2, 1) }, { outOfOrder: 1 }],
      ["one that the bridge wrongly takes for delivered", { sent: [sent(1)], ...journal("delivered") }, { lost: 1 }],
      ["a silent failure", { sent: [sent(1)], ...journal("failed") }, { silent: 1 }],
      ["a silent doubt", { sent: [sent(1)], received: received(1), ...journal("uncertain") }, { silent: 1 }],
      ["one that was told not to be delivered", { sent: [sent(1)], ...told(NOT), ...journal("failed") }, {}],
      ["one that may not have been", { sent: [sent(1)], ...told(MAYBE) }, {}],
      ["one that may not have been and was", { sent: [sent(1)], received: received(1), ...told(MAYBE) }, {}],
      ["the same, twice", { sent: [sent(1)], received: received(1, 1), ...told(MAYBE) }, { doubled: 1 }],
      [
        "one that was told not to be delivered and was",
        { sent: [sent(1)], received: received(1), ...told(NOT) },
        { toldWrongly: 1 },
      ],
      [
        "one told to be doubtful that the bridge takes for failed",
        { sent: [sent(1)], ...told(MAYBE), ...journal("failed") },
        { toldWrongly: 1 },
      ],
      [
        "one told to have failed that the bridge doubts",
        { sent: [sent(1)], ...told(NOT), ...journal("uncertain") },
        { toldWrongly: 1 },
      ],
      [
        "one told of that the bridge takes for delivered",
        { sent: [sent(1)], received: received(1), ...told(MAYBE), ...journal("delivered") },
        { toldWrongly: 1 },
      ],
      ["one told to be doubtful that is", { sent: [sent(1)], ...told(MAYBE), ...journal("uncertain") }, {}],
      [
        "one shown to have arrived that did",
        { sent: [sent(1)], received: received(1), rooms: [room({ receipts: ["$1"] })] },
        {},
      ],
      [
        "one shown to have arrived that did not, and was told to be doubtful",
        { sent: [sent(1)], rooms: [room({ receipts: ["$1"], notices: [{ replyTo: "$1", text: MAYBE }] })] },
        { toldWrongly: 1 },
      ],
      ["one that was told twice", { sent: [sent(1)], ...told(NOT, MAYBE) }, { toldWrongly: 1 }],
      ["one that another got", { sent: [sent(1)], received: [{ by: "mia", text: fromAnn(1) }] }, { lost: 1 }],
    ];
    for (const [what, parts, faults] of cases) {
      it(`judges ${what}`, () => expectFaults(judge(facts(parts)), faults, "toMsn"));
    }
  });

  it("finds a second room of the same two, and a room without its owner", () => {
    const rooms = [
      room(),
      room({ id: "!two" }),
      room({ id: "!three", contact: "mia", membership: "leave" }),
      room({ id: "!four", owner: "ben", membership: "invite" }),
      room({ id: "!five", owner: "cleo", membership: null }),
    ];
    expectFaults(judge(facts({ rooms })), { roomsTwice: 1, roomsWithoutInvite: 2 });
  });

  it("finds what is still to be done, what was given up, and kills without traffic before them", () => {
    const open = ["to-msn $1 (sending)", 'the notice "x"'];
    expectFaults(judge(facts({ journal: { ...NO_JOURNAL, open } })), { unsettled: 2 });
    expectFaults(judge(facts({ journal: { ...NO_JOURNAL, givenUp: 3 } })), { silent: 3 });
    expectFaults(judge(facts({ still: [4, 9] })), { killsWithoutTraffic: 2 });
  });

  it("finds whatever is taken from, put into or moved in a good run", () => {
    const run = fc.uniqueArray(fc.nat(1000), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(run, fc.nat(), (unsorted, seed) => {
        const numbers = unsorted.toSorted((a, b) => a - b);
        const at = seed % (numbers.length - 1);
        const moved = numbers.toSpliced(at, 2, ...numbers.slice(at, at + 2).toReversed());
        const verdictOf = (arrived: number[]): Verdict =>
          judge(facts({ sent: numbers.map(sent), received: received(...arrived) }));
        expectFaults(verdictOf(numbers), {});
        expectFaults(verdictOf(numbers.toSpliced(at, 1)), { lost: 1 }, "toMsn");
        expectFaults(verdictOf([...numbers, numbers[at] ?? 0]), { doubled: 1 }, "toMsn");
        expectFaults(verdictOf(moved), { outOfOrder: 1 }, "toMsn");
      }),
    );
  });
});
