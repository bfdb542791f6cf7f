import type { Session, SessionEvent } from "../../src/bridge/session/session.ts";
import type { Delivery } from "../../src/msn/index.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { ToldNotices } from "./scopes.ts";
import { until } from "./until.ts";

export const MIA = { passport: "Mia@example.com", password: "secret" };
export const OLGA = { passport: "olga@example.com", password: "other" };
export const NILS = "nils@example.com";
const HELLO = { type: "text", text: "hello" } as const;

/** A session, and what it told. */
export interface SessionBench {
  session: Session;
  notices: ToldNotices;
  events: SessionEvent[];
  clock: FakeClock;
}

export async function untilState(session: Session, type: Session["state"]["type"]): Promise<void> {
  await until(`the session to be ${type}`, () => session.state.type === type);
}

/** Says hello to Nils; tells how often it was written, and whether its fate is known. */
export function say(
  { session, clock }: SessionBench,
  acceptedAt = clock.now(),
): { delivery: Promise<Delivery>; written: () => number; settled: () => boolean } {
  let writes = 0;
  let isSettled = false;
  const delivery = session
    .say({ conversationOn: (client) => client.conversation(NILS) }, HELLO, acceptedAt, {
      onWrite: () => void (writes += 1),
    })
    .finally(() => {
      isSettled = true;
    });
  return { delivery, written: () => writes, settled: () => isSettled };
}
