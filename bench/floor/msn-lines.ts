import type { Socket } from "node:net";

/** A command with its words, and its payload if it is a message. */
export type TakeLine = (words: readonly string[], payload: Buffer | undefined) => void;

const CR_LF = 2;

/** Reads what an MSN server writes, as far as the floor needs it. */
export function readLines(socket: Socket, take: TakeLine): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf("\r\n");
      if (end < 0) return;
      const words = rest.toString("utf8", 0, end).split(" ");
      const length = words[0] === "MSG" || words[0] === "NOT" ? Number(words.at(-1)) : 0;
      const after = end + CR_LF + length;
      if (rest.length < after) return;
      const payload = length === 0 ? undefined : rest.subarray(end + CR_LF, after);
      rest = rest.subarray(after);
      take(words, payload);
    }
  });
}
