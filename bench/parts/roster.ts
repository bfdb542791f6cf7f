import { msnp8 } from "../../src/msn/dialect/msnp8.ts";
import { EMPTY_ROSTER, applyChange, type Roster } from "../../src/msn/contacts/roster.ts";

// What a line about a contact costs with short and with long contact lists, in microseconds, and how long the whole list
// takes at signing in.
//
//     npm run bench:roster
//
// Printed are medians. Fails when a line costs much more with the longest list than with the shortest.

const SIZES = [100, 300, 1000, 3000, 10_000];
const ROUNDS = 9;
const LINES_A_ROUND = 2000;
// Deeper trees and colder caches may make some difference; a copy of the list would make one of 100.
const MOST_GROWTH = 8;

/** A line about the contact with this number. */
const LINES: Readonly<Record<string, (at: number) => string>> = {
  LST: (at) => `LST c${at}@example.com Name${at} 11 1`,
  BPR: (at) => `BPR 9 c${at}@example.com PHM 555%20${at}`,
  ADD: (at) => `ADD 0 AL 9 c${at}@example.com Name${at}`,
  REM: (at) => `REM 0 AL 9 c${at}@example.com`,
  NLN: (at) => `NLN AWY c${at}@example.com Name${at} 0`,
  ILN: (at) => `ILN 1 NLN c${at}@example.com Name${at} 0`,
  FLN: (at) => `FLN c${at}@example.com`,
};

function fold(roster: Roster, line: string): Roster {
  const [name = "", ...args] = line.split(" ");
  const said = msnp8.read({ name, args }, { accountOf: () => undefined });
  return said.type === "roster" ? applyChange(roster, said.change) : roster;
}

function rosterOf(size: number): Roster {
  let roster = fold(EMPTY_ROSTER, "LSG 1 Friends 0");
  for (let at = 0; at < size; at += 1) roster = fold(roster, `LST c${at}@example.com Name${at} 11 1`);
  return roster;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** Milliseconds. */
function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Microseconds for a line. */
function costOf(roster: Roster, line: (at: number) => string): number {
  const lines = Array.from({ length: LINES_A_ROUND }, (_, at) => line((at * 7919) % roster.contacts.size));
  const rounds = Array.from({ length: ROUNDS }, () =>
    time(() => {
      let after = roster;
      for (const one of lines) after = fold(after, one);
    }),
  );
  return (median(rounds) * 1000) / LINES_A_ROUND;
}

const names = Object.keys(LINES);
const row = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(9)).join("");
console.log(row(["contacts", "list ms", ...names.map((name) => `${name} us`)]));
const costs = SIZES.map((size) => {
  const list = median(Array.from({ length: 3 }, () => time(() => void rosterOf(size))));
  const roster = rosterOf(size);
  const each = Object.values(LINES).map((line) => costOf(roster, line));
  console.log(row([String(size), list.toFixed(1), ...each.map((cost) => cost.toFixed(2))]));
  return each;
});
const growth = names.map((_, at) => (costs.at(-1)?.[at] ?? 0) / (costs[0]?.[at] ?? 1));
console.log(row(["growth", "", ...growth.map((times) => times.toFixed(1))]));
if (Math.max(...growth) > MOST_GROWTH) {
  console.error("The cost of a line grows with the length of the list.");
  process.exitCode = 1;
}
