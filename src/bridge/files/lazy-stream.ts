import { Readable } from "node:stream";

/**
 * A stream that is opened when it is read for the first time.
 * @param open gets a signal that is aborted when the stream is not wanted any more
 */
export function lazyStream(open: (signal: AbortSignal) => Promise<Readable>): Readable {
  const gone = new AbortController();
  let source: Readable | undefined;
  let chunks: AsyncIterator<unknown> | undefined;
  const pull = async (): Promise<void> => {
    try {
      source ??= await open(gone.signal);
      if (gone.signal.aborted) return void source.destroy();
      chunks ??= source[Symbol.asyncIterator]();
      const next = await chunks.next();
      stream.push(next.done === true ? null : next.value);
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const stream = new Readable({
    read: () => void pull(),
    destroy: (error, done) => {
      gone.abort(new Error("the file is not wanted any more"));
      source?.destroy();
      done(error);
    },
  });
  return stream;
}
