import { Readable, Writable } from "node:stream";
import { callbackify } from "node:util";

// So much of a file may have come before the homeserver has taken it.
const HIGH_WATER_BYTES = 256 * 1024;

/**
 * A stream to write the bytes of a file to. It finishes when `store` has, and fails with it. `store` sees the end of its
 * stream only if all of the file came, and its signal is aborted when the file is not wanted any more. The memory of what is written is its own.
 */
export function uploadSink(store: (content: Readable, gone: AbortSignal) => Promise<void>): Writable {
  const gone = new AbortController();
  /** Lets the next bytes come. */
  let goOn: (() => void) | undefined;
  const content = new Readable({
    highWaterMark: HIGH_WATER_BYTES,
    read: () => {
      const waiting = goOn;
      goOn = undefined;
      waiting?.();
    },
  });
  // Its reader sees the error too.
  content.on("error", () => undefined);
  const stored = store(content, gone.signal);
  const sink = new Writable({
    write: (chunk: unknown, _encoding, done) => {
      if (content.push(chunk)) done();
      else goOn = done;
    },
    final: (done) => {
      content.push(null);
      callbackify(async () => stored)(done);
    },
    destroy: (error, done) => {
      content.destroy(error ?? undefined);
      gone.abort(error ?? new Error("the file is not wanted any more"));
      done(error);
    },
  });
  const onStored = (): void => {
    if (content.destroyed && !content.readableEnded) sink.destroy(new Error("the file was not read to its end"));
  };
  stored.then(onStored, (error: unknown) => sink.destroy(error instanceof Error ? error : new Error(String(error))));
  return sink;
}
