import { once } from "node:events";
import { connect, createServer, Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { deed, serve } from "../../test/support/serve.ts";
import { sharedNow } from "../stage/clock.ts";
import { patternAt, PatternCheck } from "../stage/pattern.ts";

// The least that has to be done with a file: its bytes through a connection of two sockets.

const CHUNK = 64 * 1024;

function* pieces(size: number): Generator<Buffer> {
  for (let at = 0; at < size; at += CHUNK) yield patternAt(at, Math.min(CHUNK, size - at));
}

/** @returns how long it took, in milliseconds */
async function pipe(size: number): Promise<number> {
  const start = sharedNow();
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const accepted: Promise<unknown[]> = once(server, "connection");
  const sender = connect(typeof address === "object" && address !== null ? address.port : 0, "127.0.0.1");
  const [receiver] = await accepted;
  if (!(receiver instanceof Socket)) throw new Error("nobody has connected");
  const check = new PatternCheck();
  receiver.on("data", (chunk: Buffer) => check.take(chunk));
  await Promise.all([pipeline(Readable.from(pieces(size), { objectMode: false }), sender), once(receiver, "end")]);
  server.close();
  if (!check.isRight || check.bytes !== size) throw new Error(`${check.bytes} bytes have come, and not ${size}`);
  return sharedNow() - start;
}

serve({ pipe: deed(z.int(), async (size) => pipe(size)) });
