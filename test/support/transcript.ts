import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";

/** One step of a transcript: bytes that the client (C) or the server (S) sends. */
interface Step {
  by: "C" | "S";
  bytes: Buffer;
}

/**
 * Reads a transcript. `C: ` and `S: ` start a line of the client or the server; a line `C| ` or `S| ` under it is its
 * payload, where ⏎ stands for CR LF and ⇥ for a tab. Other lines are remarks.
 */
export function parseTranscript(text: string): Step[] {
  return text.split("\n").flatMap((line): Step[] => {
    const match = /^([CS])([:|]) (.*)$/u.exec(line);
    const [, by, kind, rest = ""] = match ?? [];
    if (by !== "C" && by !== "S") return [];
    const content = kind === ":" ? `${rest}\r\n` : rest.replaceAll("⏎", "\r\n").replaceAll("⇥", "\t");
    return [{ by, bytes: Buffer.from(content) }];
  });
}

export function transcript(name: string): string {
  return readFileSync(new URL(`../transcripts/${name}.txt`, import.meta.url), "utf8");
}

/**
 * Plays the server's part on its end of a connection: sends what the server sends, and checks that the client sends
 * exactly what the transcript has, byte for byte.
 * @throws an Error that shows what was expected and what came
 */
export async function playServer(stream: Duplex, text: string): Promise<void> {
  const inbox = new Inbox(stream);
  for (const step of parseTranscript(text)) {
    if (step.by === "S") stream.write(step.bytes);
    else await inbox.expect(step.bytes);
  }
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
    const end = Date.now() + 2000;
    while (this.#bytes.length < bytes.length && !this.#ended && Date.now() < end) {
      this.#wake = Promise.withResolvers();
      const timer = setTimeout(() => this.#wake.resolve(), 2000);
      await this.#wake.promise;
      clearTimeout(timer);
    }
    const came = this.#bytes.subarray(0, bytes.length);
    this.#bytes = this.#bytes.subarray(bytes.length);
    if (!came.equals(bytes)) {
      throw new Error(
        `the client should have sent ${JSON.stringify(String(bytes))}, but sent ${JSON.stringify(String(came))}`,
      );
    }
  }

  #end(): void {
    this.#ended = true;
    this.#wake.resolve();
  }
}
