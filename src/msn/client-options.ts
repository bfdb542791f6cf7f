import type { Lookup } from "../util/destinations.ts";
import type { MsnServer } from "./session/msn-server.ts";
import type { MsnListener } from "./events.ts";
import type { Clock } from "../util/clock.ts";
import type { MsnLog } from "./base/log.ts";
import type { Dialect } from "./dialect/dialect.ts";
import type { SwitchboardPace } from "./session/account-session.ts";
import type { Dial } from "./net/dial.ts";
import type { Fetch } from "./net/fetch.ts";
import type { ReadingTurns } from "./net/reading-turns.ts";
import type { SwitchboardFactory } from "./chat/switchboard.ts";
import type { FileOptions } from "./transfer/file-options.ts";

export interface MsnClientOptions {
  readonly server: MsnServer;
  /** The e-mail address of the account, exactly as it was registered: servers compare its case (docs/msnp.md 1.4). */
  readonly account: string;
  readonly password: string;
  /** The version of the protocol to speak, one of `DIALECTS`; MSNP8 if not given. */
  readonly dialect?: Dialect;
  /** Hears every event before those who listen to the event `event`. */
  readonly listener?: MsnListener;
  readonly clock?: Clock;
  readonly log?: MsnLog;
  readonly dial?: Dial;
  /** Looks the names of hosts up; the system does if not given. What it finds is checked before it is connected to. */
  readonly lookup?: Lookup;
  /** Asks as the web's own does if not given; `fetchWithCa` for a server whose certificate is signed by an authority of its own. */
  readonly fetch?: Fetch;
  /** Shared by the clients of a program, so that one that is flooded does not hold up the others; its own if not given. */
  readonly readingTurns?: ReadingTurns;
  /**
   * Servers refuse those who ask for switchboards too often (docs/msnp.md 4.1). A turn that does not come within three
   * minutes would take too long.
   */
  readonly switchboardPace?: SwitchboardPace;
  /** How files are carried. If not given, none are: what contacts say about files comes as content of conversations. */
  readonly files?: FileOptions;
  /** Makes switchboards; `SwitchboardClient` if not given. */
  readonly switchboardFactory?: SwitchboardFactory;
}
