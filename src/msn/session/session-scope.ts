import type { Address } from "../base/address.ts";
import type { MsnError } from "../base/errors.ts";
import type { EventSink } from "../base/event-sink.ts";
import type { MsnScope } from "../base/scope.ts";
import type { Ring } from "../base/switchboard-ticket.ts";
import type { Dialect, KnownContacts } from "../dialect/dialect.ts";
import type { RosterChange } from "../dialect/roster-change.ts";
import type { Status } from "../base/status.ts";
import type { ConnectionOpener } from "../net/connection-opener.ts";
import type { ServerEvent } from "./server-messages.ts";
import type { Tickets } from "./tickets.ts";

/** Where the lists of an account are kept while sessions come and go. */
interface SessionRoster extends KnownContacts {
  /** A session begins: the lists are sent again. */
  begin(): void;
  apply(change: RosterChange): void;
  /** The lists are complete. */
  complete(): void;
  /** The session is over, and with it what was known of presence. */
  end(): void;
}

/** Who is told of what the server says. */
export interface ServerListener extends EventSink<ServerEvent> {
  onRing(ring: Ring): void;
  /** The session has ended without our doing. */
  onSessionEnd(error: MsnError): void;
}

/** What the sessions of an account need. */
export interface SessionScope extends MsnScope {
  readonly dialect: Dialect;
  readonly opener: Pick<ConnectionOpener, "open" | "flow">;
  readonly tickets: Pick<Tickets, "get">;
  readonly roster: SessionRoster;
  readonly listener: ServerListener;
}

/** Who has a session, and decides whether there will be another. */
export interface SessionOwner<S> {
  onOwnStatus(status: Status): void;
  onOwnName(name: string): void;
  /** The next session has to be begun at another server. */
  onMoved(address: Address): void;
  /** Called once, when the session has ended. */
  onClose(session: S, error: MsnError): void;
}
