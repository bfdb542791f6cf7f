import { Readable } from "node:stream";

/**
 * A stream that is opened when it is read for the first time.
 * @param open given a signal that is aborted when nobody wants the stream any more
 */
export function lazyStream(open: (signal: AbortSignal) => Promise<Readable>): Readable {
  const gone = new AbortController();
  const stream = Readable.from(chunksOf(open, gone.signal), { objectMode: false });
  stream.once("close", () => gone.abort(new Error("nobody wants the file any more")));
  return stream;
}

async function* chunksOf(open: (signal: AbortSignal) => Promise<Readable>, signal: AbortSignal): AsyncGenerator {
  yield* await open(signal);
}
