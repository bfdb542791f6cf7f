import { until } from "./until.ts";

/** The messages of so many errors that nobody catches, thrown by `work` or because of it; the test goes on all the same. */
export async function uncaught(count: number, work: () => unknown): Promise<string[]> {
  // Mocha would take them for failures of the test.
  const others = process.listeners("uncaughtException");
  const errors: string[] = [];
  const keep = (error: Error): void => void errors.push(error.message);
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", keep);
  try {
    await work();
    await until(`${count} errors`, () => errors.length >= count);
  } finally {
    process.off("uncaughtException", keep);
    for (const other of others) process.on("uncaughtException", other);
  }
  return errors;
}
