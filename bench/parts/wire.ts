import { msnp8 } from "../../src/msn/dialect/msnp8.ts";
import { encodeContent } from "../../src/msn/content/encode-content.ts";
import { encodeCommand, type Command } from "../../src/msn/wire/command.ts";
import { CommandReader } from "../../src/msn/wire/reader.ts";
import { parseTranscript, transcript } from "../../test/support/transcript.ts";

// How fast bytes become commands, beside the least that anybody would have to do with the same bytes: find the ends of
// lines, read the lengths of payloads and step over them.
//
//     npm run bench:wire
//
// All run in turn in one process; printed are medians, and the ratios, which hardly depend on the machine.
//
// The floor makes nothing. To find the lines and make strings of their words takes eight to nine times as long (that is
// the floor with words), and five times where the words are slices of larger strings, which they then keep alive. So a
// reader that makes every argument cannot come near the floor. Ours makes them when they are asked for, and is measured
// twice: as it hands commands over, with name and payload, and with all arguments read, as a connection does.

const MEGABYTES = 20;
const ROUNDS = 9;
// What a socket reads at once.
const CHUNK = 64 * 1024;

const TEXTS = [
  "ok",
  "Hi there, how are you?",
  "grüß dich 😀",
  "The train is late again, so I shall be there at about half past seven; start without me. ".repeat(2),
  "A longer story, as people paste them: ".repeat(20),
];

/** What a server sends in a session with a chat: the transcripts, texts of the usual lengths, people typing. */
function recording(): Buffer {
  const said = [transcript("login"), transcript("lists"), transcript("call")]
    .flatMap(parseTranscript)
    .filter(({ by }) => by === "S")
    .map(({ bytes }) => bytes);
  const contents = [...TEXTS.map((text) => ({ type: "text", text }) as const), { type: "typing" } as const];
  const messages = contents.map((content) => {
    const payload = encodeContent(content, "nils@example.com");
    return encodeCommand({ name: "MSG", args: ["nils@example.com", "Nils%20(home)"], payload });
  });
  return Buffer.concat([...said, ...messages, ...messages]);
}

const PAYLOAD_NAMES = new Set(["MSG", "NOT", "IPG"].map((name) => Buffer.from(name).readUIntBE(0, 3)));

/** The floor: only finds lines and payloads. @returns how many commands there are */
function walk(bytes: Buffer, see: (start: number, end: number) => void): number {
  let commands = 0;
  for (let start = 0; start < bytes.length; commands += 1) {
    let end = start;
    while (bytes[end] !== 0x0a) end += 1;
    see(start, end - 1);
    const name = bytes.readUIntBE(start, 3);
    start = end + 1;
    if (PAYLOAD_NAMES.has(name)) start += lengthBefore(bytes, end - 1);
  }
  return commands;
}

const floor = (bytes: Buffer): number => walk(bytes, () => undefined);

/** The floor, and the words of every line as strings. */
function words(bytes: Buffer): number {
  let letters = 0;
  const commands = walk(bytes, (start, end) => {
    for (const word of bytes.toString("utf8", start, end).split(" ")) letters += word.length;
  });
  return letters > 0 ? commands : 0;
}

/** The number that ends before `end`. */
function lengthBefore(bytes: Buffer, end: number): number {
  let length = 0;
  for (let at = end - 1, factor = 1; bytes[at] !== 0x20; at -= 1, factor *= 10) {
    length += ((bytes[at] ?? 0) - 0x30) * factor;
  }
  return length;
}

/** @returns how many commands there are */
function read(chunks: readonly Buffer[]): number {
  const reader = new CommandReader(msnp8.payloadCommands);
  let commands = 0;
  const take = ({ name }: Command): void => void (commands += name === "" ? 0 : 1);
  for (const chunk of chunks) reader.push(chunk, { take });
  return commands;
}

/** The same, and every argument is looked at. */
function readAll(chunks: readonly Buffer[]): number {
  const reader = new CommandReader(msnp8.payloadCommands);
  let commands = 0;
  let letters = 0;
  const take = ({ name, args }: Command): void => {
    for (const arg of args) letters += arg.length;
    commands += name === "" ? 0 : 1;
  };
  for (const chunk of chunks) reader.push(chunk, { take });
  return letters > 0 ? commands : 0;
}

/** How long `work` takes, in milliseconds, and what it gives. */
function measure(work: () => number): { ms: number; commands: number } {
  const start = performance.now();
  const commands = work();
  return { ms: performance.now() - start, commands };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const once = recording();
const bytes = Buffer.concat(Array.from({ length: Math.ceil((MEGABYTES * 1e6) / once.length) }, () => once));
const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, at) =>
  bytes.subarray(at * CHUNK, (at + 1) * CHUNK),
);

const contenders = [
  { name: "floor", run: () => floor(bytes), times: [] as number[] },
  { name: "floor with words", run: () => words(bytes), times: [] as number[] },
  { name: "CommandReader", run: () => read(chunks), times: [] as number[] },
  { name: "CommandReader, all arguments read", run: () => readAll(chunks), times: [] as number[] },
] as const;
const [bare, wordy, reader, wordyReader] = contenders;

const count = floor(bytes);
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const { name, run, times } of contenders) {
    const { ms, commands } = measure(run);
    if (commands !== count) throw new Error(`${name} found ${commands} commands, and not ${count}`);
    // The first round warms up.
    if (round > 0) times.push(ms);
  }
}

console.log(`${(bytes.length / 1e6).toFixed(1)} MB, ${count} commands, ${ROUNDS} rounds in turn; medians`);
for (const { name, times } of contenders) {
  const seconds = median(times) / 1000;
  const megabytes = (bytes.length / 1e6 / seconds).toFixed(0);
  console.log(
    `${name.padEnd(33)} ${megabytes.padStart(6)} MB/s ${(count / seconds).toFixed(0).padStart(10)} commands/s`,
  );
}
for (const [quick, slow] of [
  [bare, reader],
  [bare, wordyReader],
  [wordy, wordyReader],
] as const) {
  const ratios = quick.times.map((ms, round) => ms / (slow.times[round] ?? Number.NaN));
  console.log(`${slow.name}, to ${quick.name}: ${median(ratios).toFixed(2)}`);
}
