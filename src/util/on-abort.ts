/** What waits for a signal. An object, so that the same function can wait twice. */
interface Waiting {
  readonly run: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Set<Waiting>>();

/**
 * Calls `run`, which must not throw, once when `signal` is aborted; never, if it is already.
 *
 * An EventTarget walks the list of its listeners whenever one is added or removed. Those of the signal that ends the bridge
 * are several for each login, and some come and go with each message. So each signal has one, and a set behind it.
 * @returns what ends the waiting; calling it twice does nothing
 */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) return () => undefined;
  const all = waitingFor.get(signal) ?? listen(signal);
  const waiting = { run };
  all.add(waiting);
  return () => {
    // Node keeps a signal made of others alive for as long as anybody listens to it.
    if (all.delete(waiting) && all.size === 0) forget(signal);
  };
}

function listen(signal: AbortSignal): Set<Waiting> {
  const all = new Set<Waiting>();
  waitingFor.set(signal, all);
  signal.addEventListener("abort", callAll, { once: true });
  return all;
}

function forget(signal: AbortSignal): void {
  waitingFor.delete(signal);
  signal.removeEventListener("abort", callAll);
}

function callAll(this: AbortSignal): void {
  const all = waitingFor.get(this) ?? [];
  waitingFor.delete(this);
  for (const { run } of all) run();
}
