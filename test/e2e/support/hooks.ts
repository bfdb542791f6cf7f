import { closeShared, openShared } from "./shared-synapse.ts";

/** Runs once before all end-to-end tests. */
export async function mochaGlobalSetup(): Promise<void> {
  const aptWords = await openShared((line) => process.stderr.write(`${line}\n`));
  if (aptWords === undefined) return;
  // The only reason for not running that is not a failure: Debian's archive could not give us Synapse today.
  process.stdout.write(`NOT RUN: e2e\n${aptWords}\n`);
  process.exit(0);
}

/**
 * Runs once after them. The configuration has `exit`, since matrix-js-sdk leaves a timer of 80 s behind each sync request
 * that nothing can clear.
 */
export async function mochaGlobalTeardown(): Promise<void> {
  await closeShared();
}
