import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";

/** One step of a transcript: bytes that the client (C) or the server (S) sends. No bytes: it ends the connection. */
interface Step {
  by: "C" | "S";
  bytes: Buffer;
}

/** One connection of a transcript: the address (`host:port`) it is made to, and its lines. */
export interface Section {
  readonly address: string;
  readonly text: string;
}

/** How the server's bytes come: as the lines stand, in as few packets as can be, or each byte some time after the other. */
export type Packets = "lines" | "fewest" | "bytes";

const PATIENCE_MS = 60_000;

const MARKS: Readonly<Record<string, string>> = { "⏎": "\r\n", "␊": "\n", "⇥": "\t", "␠": " " };

/**
 * Reads a transcript. `C: ` and `S: ` start a line of the client or the server; what stands behind `C| ` or `S| ` is
 * sent as it is, without a line end: mostly the payload of the line above. `C.` and `S.` end the connection. In both
 * ⏎ stands for CR LF, ␊ for a bare LF, ⇥ for a tab, ␠ for a space at the end of a line, ‹e29b› for bytes. Other lines
 * are remarks.
 */
export function parseTranscript(text: string): Step[] {
  return text.split("\n").flatMap((line): Step[] => {
    const [, by, kind, rest = ""] = /^([CS])(?:([:|]) (.*)|\.)$/u.exec(line) ?? [];
    if (by !== "C" && by !== "S") return [];
    return [{ by, bytes: bytesOf(kind === ":" ? `${rest}⏎` : rest) }];
  });
}

/**
 * The connections of a transcript, in the order in which they are made. `== host:port` begins one; with ` after name`,
 * the first connection of the transcript of that name comes before its lines.
 */
export function sectionsOf(name: string): Section[] {
  const parts = transcript(name).split(/^== /mu).slice(1);
  return parts.map((part) => {
    const [, address = "", before, text = ""] = /^(\S+)(?: after (\S+))?\n(.*)$/su.exec(part) ?? [];
    return { address, text: `${before === undefined ? "" : (sectionsOf(before)[0]?.text ?? "")}${text}` };
  });
}

export function transcript(name: string): string {
  return readFileSync(new URL(`../transcripts/${name}.txt`, import.meta.url), "utf8");
}

/**
 * Plays the server's part on its end of a connection: sends what the server sends, and checks that the client sends
 * exactly what the transcript has, byte for byte. Where the transcript has the end of the connection, that is checked
 * too, and that the client has nothing more to say.
 * @throws an Error that shows what was expected and what came
 */
export async function playServer(stream: Duplex, text: string, packets: Packets = "lines"): Promise<void> {
  const inbox = new Inbox(stream);
  const steps = parseTranscript(text);
  for (const { by, bytes } of packed(steps, packets)) {
    if (by === "C") await (bytes.length === 0 ? inbox.expectEnd() : inbox.expect(bytes));
    else if (bytes.length === 0) stream.end();
    else stream.write(bytes);
    // Whatever the client does on account of a byte, it does before the next one comes.
    if (packets === "bytes") await new Promise((resolve) => setImmediate(resolve));
  }
  if (steps.at(-1)?.bytes.length !== 0) return;
  stream.end();
  await inbox.expectEnd();
}

function bytesOf(text: string): Buffer {
  const plain = text.replaceAll(/[⏎␊⇥␠]/gu, (mark) => MARKS[mark] ?? mark);
  const parts = plain.split(/‹([\da-f]+)›/u);
  return Buffer.concat(parts.map((part, at) => Buffer.from(part, at % 2 === 0 ? "utf8" : "hex")));
}

function packed(steps: readonly Step[], packets: Packets): readonly Step[] {
  if (packets === "lines") return steps;
  if (packets === "bytes") return steps.flatMap((step) => (step.by === "S" ? bytewise(step.bytes) : [step]));
  const merged: Step[] = [];
  for (const step of steps) {
    const last = merged.at(-1);
    const goesOn = last?.by === "S" && step.by === "S" && last.bytes.length > 0 && step.bytes.length > 0;
    if (goesOn) last.bytes = Buffer.concat([last.bytes, step.bytes]);
    else merged.push({ ...step });
  }
  return merged;
}

function bytewise(bytes: Buffer): Step[] {
  if (bytes.length === 0) return [{ by: "S", bytes }];
  return Array.from(bytes, (byte) => ({ by: "S", bytes: Buffer.from([byte]) }));
}

/** Bytes that have come, in order. */
class Inbox {
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake = Promise.withResolvers<void>();

  constructor(stream: Duplex) {
    stream.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake.resolve();
    });
    stream.on("close", () => this.#end());
    stream.on("end", () => this.#end());
  }

  async expect(bytes: Buffer): Promise<void> {
    await this.#until(() => this.#bytes.length >= bytes.length || this.#ended);
    const came = this.#bytes.subarray(0, bytes.length);
    this.#bytes = this.#bytes.subarray(bytes.length);
    if (!came.equals(bytes)) {
      throw new Error(
        `the client should have sent ${JSON.stringify(String(bytes))}, but sent ${JSON.stringify(String(came))}`,
      );
    }
  }

  async expectEnd(): Promise<void> {
    await this.#until(() => this.#ended);
    const rest = JSON.stringify(String(this.#bytes));
    if (this.#bytes.length > 0) throw new Error(`the client should have said nothing more, but sent ${rest}`);
    if (!this.#ended) throw new Error("the client should have ended the connection");
  }

  async #until(isThere: () => boolean): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!isThere() && Date.now() < end) {
      this.#wake = Promise.withResolvers();
      const timer = setTimeout(() => this.#wake.resolve(), PATIENCE_MS);
      await this.#wake.promise;
      clearTimeout(timer);
    }
  }

  #end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }
}
