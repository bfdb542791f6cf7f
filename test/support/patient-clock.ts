import { systemClock, type TimeSource } from "../../src/util/clock.ts";

const ECHO_MS = 1000;

/**
 * A bridge on it waits for as long as it takes until the homeserver gives a message back, which on a busy machine is not
 * always within a second. It must not have to wait for a homeserver that is away.
 */
export const PATIENT_CLOCK: TimeSource = {
  now: () => systemClock.now(),
  epochMs: () => systemClock.epochMs(),
  after: (ms, run) => systemClock.after(ms === ECHO_MS ? 60_000 : ms, run),
};
