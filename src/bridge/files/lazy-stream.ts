import { Readable } from "node:stream";

/**
 * A stream that is opened when it is read for the first time.
 * @param open gets a signal that is aborted when the stream is not wanted any more
 */
export function lazyStream(open: (signal: AbortSignal) => Promise<Readable>): Readable {
  const gone = new AbortController();
  let source: Readable | undefined;
  let isOpening = false;
  const fail = (error: unknown): void => void stream.destroy(error instanceof Error ? error : new Error(String(error)));
  const begin = (opened: Readable): void => {
    source = opened;
    opened.on("error", fail);
    if (gone.signal.aborted) return void opened.destroy();
    opened.on("data", (chunk: unknown) => void (stream.push(chunk) || opened.pause()));
    opened.once("end", () => stream.push(null));
    opened.once("close", () => {
      if (!opened.readableEnded) fail(opened.errored ?? new Error("the file was cut off"));
    });
    if (opened.destroyed) fail(opened.errored ?? new Error("the file was cut off"));
  };
  const stream = new Readable({
    read: () => {
      if (source !== undefined) return void source.resume();
      if (isOpening) return;
      isOpening = true;
      open(gone.signal).then(begin, fail).catch(fail);
    },
    destroy: (error, done) => {
      gone.abort(new Error("the file is not wanted any more"));
      source?.destroy();
      done(error);
    },
  });
  return stream;
}
