import { MsnError } from "../../msn/index.ts";
import { withTimeout, type Clock } from "../../util/clock.ts";
import type { SessionState } from "./state.ts";

/** Why a sign-in ends that somebody, not the network, has put an end to. */
export const SIGNED_OUT = new MsnError("connection-closed", "the account was signed out meanwhile");
export const LOGGED_OUT = new MsnError("bad-credentials", "not logged in to MSN");
export const tooMany = (): MsnError => new MsnError("server-busy", "too many accounts are signing in");

/**
 * Waits for a session that is being made.
 * @param end until when, in milliseconds since the epoch
 * @param look what the session does now, and a promise that ends when it does something else
 * @returns nothing once it is connected; otherwise why it did not come to that
 */
export async function untilConnected(
  clock: Clock,
  end: number,
  look: () => { state: SessionState; change: Promise<void> },
): Promise<MsnError | undefined> {
  for (;;) {
    const { state, change } = look();
    switch (state.type) {
      case "connected":
        return undefined;
      case "logged-out":
        return LOGGED_OUT;
      case "stopped":
        return state.error;
      case "connecting":
      case "waiting":
      case "hindered": {
        const late = new MsnError("connection-closed", "the connection to MSN is down");
        if (clock.now() >= end) return late;
        await withTimeout(clock, end - clock.now(), change, () => late).catch(() => undefined);
      }
    }
  }
}
