import type { MsnError } from "../../src/msn/base/errors.ts";
import { NO_LOG } from "../../src/msn/base/log.ts";
import { RosterKeeper } from "../../src/msn/contacts/roster-keeper.ts";
import { msnp8 } from "../../src/msn/dialect/msnp8.ts";
import type { Connection } from "../../src/msn/net/connection.ts";
import { FlowControl } from "../../src/msn/net/flow-control.ts";
import { NotificationClient } from "../../src/msn/session/notification.ts";
import type { Clock } from "../../src/util/clock.ts";

/** A session of an account that is on no client, over connections of the test's own. */
export function newSession(
  account: string,
  clock: Clock,
  open: () => Promise<Connection>,
  onClose: (error: MsnError) => void = () => undefined,
): NotificationClient {
  const nothing = (): undefined => undefined;
  const scope = {
    account,
    clock,
    log: NO_LOG,
    dialect: msnp8,
    opener: { open, flow: new FlowControl(clock) },
    tickets: { get: () => Promise.resolve("ticket") },
    roster: new RosterKeeper({ report: nothing }),
    listener: { report: nothing, onRing: nothing, onSessionEnd: nothing },
  };
  const owner = { onOwnStatus: nothing, onOwnName: nothing, onMoved: nothing };
  return new NotificationClient(scope, { ...owner, onClose: (_session, error) => onClose(error) });
}

/** Signs a session in at a server of no consequence. */
export async function signIn(session: NotificationClient): Promise<void> {
  await session.signIn({ host: "ns", port: 1863 }, "NLN", new AbortController().signal);
}
