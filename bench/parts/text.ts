import { toMatrix } from "../../src/convert/to-matrix.ts";
import type { MatrixEvent } from "../../src/convert/matrix-event.ts";
import { matrixEvent } from "../../test/support/matrix-event.ts";
import { toMsn } from "../../src/convert/to-msn.ts";
import { DEFAULT_STYLE } from "../../src/msn/index.ts";

// How long the worst texts that anybody can send take on their way across; each has to end long before a person or the
// rest of the bridge would notice (50 ms).
//
//     npm run bench:text

const ROUNDS = 15;
const LIMIT_MS = 50;
const MEGABYTE = 1_000_000;
// As much HTML as an event can hold.
const EVENT = 65_000;

const TO_MSN = { emoticons: true, replies: "full", reactions: "text", notices: false } as const;
const TO_MATRIX = { owner: "@alice:hs.example", emoticons: true } as const;
const LOOK = { ...DEFAULT_STYLE, bold: true, color: "#ff0000", pitch: "fixed" } as const;

function fill(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length)).slice(0, length);
}

const TEXTS: ReadonlyArray<readonly [name: string, text: string]> = [
  ["letters", fill("x", MEGABYTE)],
  ["words", fill("some words ", MEGABYTE)],
  ["lines", fill("\n", MEGABYTE)],
  ["zalgo", `x${fill("\u0301\u0302\u0489", MEGABYTE)}`],
  ["zalgo on every letter", fill(`x${"\u0301".repeat(17)}`, MEGABYTE)],
  ["NUL", fill("\u0000", MEGABYTE)],
  ["lone surrogates", fill("\uD83D", MEGABYTE)],
  ["colour codes", fill("\u000312,", MEGABYTE)],
  ["emoji", fill("🙂", MEGABYTE)],
  ["families", fill("👩‍👩‍👧", MEGABYTE)],
  ["joined without end", fill("\u200d👩", MEGABYTE)],
  ["emoticons", fill(":-)", MEGABYTE)],
  ["emoticons and an end", `${fill(":-)", EVENT)}x`],
  ["emoji and an end", `${fill("🙂", EVENT)}x`],
  ["half emoticons", fill("(:-", MEGABYTE)],
  ["points after emoticons", fill(":-)...", EVENT)],
  ["quotes", `> <@a:b> x\n${fill("> \n", MEGABYTE)}`],
  ["names in quotes", `> <${fill(">", EVENT)}`],
  ["escapes", fill("<&\"'", MEGABYTE)],
  ["spaces", fill(" ", MEGABYTE)],
  ["letters from right to left behind signs", `${fill("1 ", MEGABYTE)}ש`],
];

const HTML: ReadonlyArray<readonly [name: string, html: string]> = [
  ["100,000 nested tags", "<b>".repeat(100_000)],
  ["100,000 nested blocks, closed", "<div>".repeat(100_000) + "</div>".repeat(100_000)],
  ["nested as deep as is read, again and again", fill("<b>".repeat(99) + "x" + "</b>".repeat(99), EVENT)],
  ["margins", fill("<blockquote><ul><li>".repeat(30) + fill("x<br>", 1000), EVENT)],
  ["short tags", fill("<b>x</b>", EVENT)],
  ["never closed", fill("<p>", EVENT)],
  ["closed only", fill("</p>", EVENT)],
  ["lists", fill("<ul><li>x</li></ul>", EVENT)],
  ["cells", fill("<table><tr><td>x", EVENT)],
  ["links", fill('<a href="https://a.example">x</a>', EVENT)],
  ["links in links", fill('<a href="https://a.example">x', EVENT)],
  ["one long address", `<a href="https://a.example/${fill("x", EVENT)}">x</a>`],
  ["a javascript: link", `<a href="javascript:${fill("x", EVENT)}">x</a>`],
  ["entities", fill("&amp;", EVENT)],
  ["attributes", `<b ${fill('a="x" ', EVENT)}>x</b>`],
  ["open angle brackets", fill("<", EVENT)],
  ["half entities", fill("&am", EVENT)],
  ["marks that change", fill("<b>x</b><i>y</i>", EVENT)],
  ["verbatim lines", `<pre>${fill("x\n", EVENT)}</pre>`],
  ["whitespace", fill(" \n\t", EVENT)],
  ["comments", fill("<!-- x", EVENT)],
  ["1 MB", fill("<b>x</b>", MEGABYTE)],
];

const NAME = fill("N\u0301\u202E", 4096);

function event(content: Record<string, unknown>): MatrixEvent {
  return matrixEvent({ type: "m.room.message", content: { msgtype: "m.text", body: "plain", ...content } });
}

const format = "org.matrix.custom.html";
const reply = { "m.relates_to": { "m.in_reply_to": { event_id: "$one" } } };
const react = (key: string): MatrixEvent =>
  matrixEvent({
    type: "m.reaction",
    content: { "m.relates_to": { rel_type: "m.annotation", event_id: "$one", key } },
  });

const RUNS: ReadonlyArray<readonly [road: string, name: string, run: () => unknown]> = [
  ...TEXTS.flatMap(([name, text]) => [
    ["to MSN", name, () => toMsn(event({ body: text, ...reply }), TO_MSN)] as const,
    ["quoted", name, () => toMsn(event(reply), { ...TO_MSN, about: { name: NAME, text } })] as const,
    ["reaction", name, () => toMsn(react(text), { ...TO_MSN, about: { name: NAME, text } })] as const,
    ["to Matrix", name, () => toMatrix({ type: "text", text, style: LOOK }, "row-1", TO_MATRIX)] as const,
  ]),
  ...HTML.map(([name, html]) => ["HTML", name, () => toMsn(event({ format, formatted_body: html }), TO_MSN)] as const),
];

function time(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const times = RUNS.map(([road, name, run]) => {
  const first = time(run);
  const rest = Array.from({ length: ROUNDS }, () => time(run)).toSorted((a, b) => a - b);
  return { road, name, first, median: rest[Math.floor(ROUNDS / 2)] ?? Number.NaN, worst: rest.at(-1) ?? Number.NaN };
});

const worst = times.toSorted((a, b) => b.median - a.median).slice(0, 15);
console.log(`${times.length} texts, ${ROUNDS} rounds; the slowest, in milliseconds: median, worst, first of all`);
for (const { road, name, median, worst: most, first } of worst) {
  const numbers = [median, most, first].map((ms) => ms.toFixed(1).padStart(7)).join("");
  console.log(`${road.padEnd(10)} ${name.padEnd(44)}${numbers}`);
}
const slow = times.filter(({ median }) => median > LIMIT_MS);
console.log(slow.length === 0 ? `All end within ${LIMIT_MS} ms.` : `${slow.length} take longer than ${LIMIT_MS} ms.`);
if (slow.length > 0) process.exitCode = 1;
