import { expect } from "chai";
import { ReadingTurns, type TurnTaker } from "../../../src/msn/net/reading-turns.ts";

/** Turns that pass when they are told to, and a time that passes only with what is read. */
class Loop {
  readonly #runs: Array<() => void> = [];
  ms = 0;
  /** How much of the time the processor is ours. */
  share = 1;
  readonly turns = new ReadingTurns(
    { ms: 10 },
    (run) => void this.#runs.push(run),
    () => this.ms,
    () => this.ms * this.share,
  );

  /** @returns whether anybody has asked for another turn */
  turn(): boolean {
    for (const run of this.#runs.splice(0)) run();
    return this.#runs.length > 0;
  }
}

/** Has to read so many shares, one in a turn. */
class Reader implements TurnTaker {
  readonly #name: string;
  readonly #told: string[];
  readonly #loop: Loop;
  readonly #ms: number;
  left: number;

  constructor(name: string, { loop, told, left, ms = 1 }: { loop: Loop; told: string[]; left: number; ms?: number }) {
    this.#name = name;
    this.#told = told;
    this.#loop = loop;
    this.#ms = ms;
    this.left = left;
  }

  readOn(turn: number): boolean {
    this.#told.push(`${this.#name}${turn}`);
    this.#loop.ms += this.#ms;
    this.left -= 1;
    return this.left > 0;
  }
}

describe("msn/net/reading-turns", () => {
  let loop: Loop;
  let told: string[];
  beforeEach(() => {
    loop = new Loop();
    told = [];
  });

  it("lets whoever comes read at once, and go on in the next turns one after the other", () => {
    const readers = ["a", "b"].map((name) => new Reader(name, { loop, told, left: 3 }));
    for (const reader of readers) loop.turns.ready(reader);
    expect(told).to.deep.equal(["a0", "b0"]);
    expect(loop.turns.waiting).to.equal(2);
    loop.turn();
    loop.turn();
    expect(told).to.deep.equal(["a0", "b0", "a1", "b1", "a2", "b2"]);
    expect(loop.turns.waiting).to.equal(0);
  });

  it("asks for no turn more than it needs", () => {
    loop.turns.ready(new Reader("a", { loop, told, left: 1 }));
    expect(loop.turn()).to.equal(false);
    expect(loop.turn()).to.equal(false);
  });

  it("takes one who waits already for one", () => {
    const reader = new Reader("a", { loop, told, left: 2 });
    for (let time = 0; time < 3; time += 1) loop.turns.ready(reader);
    expect(told).to.deep.equal(["a0"]);
  });

  it("reads no more in a turn than its time, and begins the next with those who had to wait", () => {
    const readers = ["a", "b", "c"].map((name) => new Reader(name, { loop, told, left: 9, ms: 6 }));
    for (const reader of readers) loop.turns.ready(reader);
    expect(told).to.deep.equal(["a0", "b0"]);
    for (let turn = 0; turn < 3; turn += 1) loop.turn();
    expect(told.slice(2)).to.deep.equal(["c1", "a1", "b2", "c2", "a3", "b3"]);
  });

  it("lets one read in every turn, however long that takes", () => {
    const readers = ["a", "b"].map((name) => new Reader(name, { loop, told, left: 9, ms: 1000 }));
    for (const reader of readers) loop.turns.ready(reader);
    for (let turn = 0; turn < 4; turn += 1) loop.turn();
    expect(told).to.deep.equal(["a0", "b1", "a1", "b2", "a3", "b4"]);
  });

  it("reads for half as long as all else took in the turn before, where that is more, up to 50 ms", () => {
    const names = Array.from({ length: 20 }, (_, index) => String.fromCodePoint(97 + index));
    const readers = names.map((name) => new Reader(name, { loop, told, left: 9, ms: 6 }));
    for (const reader of readers) loop.turns.ready(reader);
    const readFor = (elseMs: number): number => {
      const before = told.length;
      loop.ms += elseMs;
      loop.turn();
      return 6 * (told.length - before);
    };
    // One of those who had a share is read in any case.
    expect([15, 60, 1000, 0].map(readFor)).to.deep.equal([18, 36, 60, 18]);
    expect(new Set(told.map((one) => one.charAt(0))).size, "all have had their turn").to.equal(20);
  });

  it("reads for half as long as all else took also where the processor is elsewhere, up to 50 ms of it", () => {
    const names = Array.from({ length: 99 }, (_, index) => `${index} `);
    const readers = names.map((name) => new Reader(name, { loop, told, left: 9, ms: 6 }));
    for (const reader of readers) loop.turns.ready(reader);
    const readFor = (elseMs: number): number => {
      const before = told.length;
      loop.ms += elseMs;
      loop.turn();
      return 6 * (told.length - before);
    };
    loop.share = 1 / 8;
    // One of those who had a share is read in any case.
    expect([60, 400, 4000].map(readFor)).to.deep.equal([36, 210, 402]);
  });

  it("reads one who comes before all who have had a share, and one of these in every turn", () => {
    const flood = new Reader("f", { loop, told, left: 99, ms: 20 });
    loop.turns.ready(flood);
    for (const name of ["a", "b", "c"]) loop.turns.ready(new Reader(name, { loop, told, left: 1, ms: 9 }));
    loop.turn();
    loop.turn();
    expect(told).to.deep.equal(["f0", "a1", "b1", "f1", "c2", "f2"]);
  });

  it("forgets one who leaves", () => {
    const reader = new Reader("a", { loop, told, left: 5 });
    loop.turns.ready(reader);
    loop.turns.leave(reader);
    loop.turn();
    expect(told).to.deep.equal(["a0"]);
  });
});
