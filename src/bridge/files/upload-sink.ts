import { PassThrough, Writable, type Readable } from "node:stream";
import { callbackify } from "node:util";

/**
 * A stream to write the bytes of a file to. It finishes when `store` has, and fails with it. `store` sees the end of its
 * stream only if all of the file came, and its signal is aborted when the file is not wanted any more.
 */
export function uploadSink(store: (content: Readable, gone: AbortSignal) => Promise<void>): Writable {
  const pipe = new PassThrough();
  const gone = new AbortController();
  // Its reader sees the error too.
  pipe.on("error", () => undefined);
  const stored = store(pipe, gone.signal);
  const sink = new Writable({
    write: (chunk: unknown, encoding, done) => void pipe.write(chunk, encoding, done),
    final: (done) => {
      pipe.end();
      callbackify(async () => stored)(done);
    },
    destroy: (error, done) => {
      pipe.destroy(error ?? undefined);
      gone.abort(error ?? new Error("the file is not wanted any more"));
      done(error);
    },
  });
  stored.catch((error: unknown) => sink.destroy(error instanceof Error ? error : new Error(String(error))));
  return sink;
}
