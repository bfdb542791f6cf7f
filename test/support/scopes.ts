import { join } from "node:path";
import { ManagementRooms } from "../../src/bridge/bot/management-rooms.ts";
import { Management } from "../../src/bridge/bot/management.ts";
import { Notices } from "../../src/bridge/bot/notices.ts";
import type { InboundScope } from "../../src/bridge/from-matrix/scope.ts";
import { Logins } from "../../src/bridge/login/logins.ts";
import type { OwnerNotices, Topic } from "../../src/bridge/base/owner-notices.ts";
import type { BaseScope, CoreScope } from "../../src/bridge/base/scope.ts";
import { Ghosts } from "../../src/bridge/ghosts/ghosts.ts";
import { Activity } from "../../src/bridge/presence/activity.ts";
import { Presence } from "../../src/bridge/presence/presence.ts";
import { Puppets } from "../../src/bridge/puppets/puppets.ts";
import type { BridgeScope } from "../../src/bridge/scope/bridge-scope.ts";
import { loginScope as newLoginScope, type LoginScope } from "../../src/bridge/scope/login-scope.ts";
import type { AccountScope } from "../../src/bridge/session/account-scope.ts";
import { SessionLimits } from "../../src/bridge/session/session-limits.ts";
import { Session, type Network } from "../../src/bridge/session/session.ts";
import { GhostIds } from "../../src/convert/ghost-ids.ts";
import { UserIntent } from "../../src/matrix/client/intent.ts";
import type { Requester } from "../../src/matrix/client/requester.ts";
import { Alerts } from "../../src/ops/alerts.ts";
import type { LoginRow } from "../../src/store/logins.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import { Limiter } from "../../src/util/limiter.ts";
import { silentLog } from "../../src/util/log.ts";
import { SETTINGS } from "./settings.ts";
import { madeDatabase } from "./made-database.ts";
import { tempFolder } from "./temp-folder.ts";
import { timesOf } from "./calendars.ts";

const OWNER = "@alice:localhost";

/** A store in memory. */
export function memoryStore(clock: Clock = systemClock): Store {
  const folder = tempFolder();
  try {
    return openStore({ path: ":memory:", image: madeDatabase(), keyFile: join(folder.path, "key"), ...timesOf(clock) });
  } finally {
    folder.remove();
  }
}

const unasked = (): never => {
  throw new Error("nothing is asked of the homeserver");
};

/** A user of ours of whom nothing may be asked, or whose requests are answered by `request`. */
export function intentOf(userId: string, request: Requester["request"] = unasked): UserIntent {
  const registrations = { has: () => true, add: () => undefined };
  return new UserIntent(userId, { request }, { request }, registrations);
}

/** Remembers what users were told. */
export class ToldNotices implements OwnerNotices {
  readonly told: Array<{ readonly owner: string; readonly sentence: string; readonly topic: Topic | undefined }> = [];
  readonly #open = new Set<string>();

  tell(owner: string, sentence: string, topic?: Topic): void {
    this.told.push({ owner, sentence, topic });
    if (topic?.isLast === true) this.#open.delete(topic.about);
    else if (topic !== undefined) this.#open.add(topic.about);
  }

  hasTold(about: string): boolean {
    return this.#open.has(about);
  }
}

/** The scope that there is before the bot can speak: a store in memory, everybody is allowed, nothing may be asked. */
export function coreScope(parts: Partial<CoreScope> = {}): CoreScope {
  const { clock = systemClock, domain = "localhost" } = parts;
  return {
    store: parts.store ?? memoryStore(clock),
    ...timesOf(clock),
    log: silentLog,
    signal: new AbortController().signal,
    settings: SETTINGS,
    permissions: { levelOf: () => "user", isAllowed: () => true },
    domain,
    bot: intentOf(`@msnbot:${domain}`),
    ...parts,
  };
}

/** A scope whose admins read the log only. */
export function baseScope(parts: Partial<BaseScope> = {}): BaseScope {
  const core = coreScope(parts);
  const alerts = new Alerts(core, undefined, { say: () => undefined });
  return { ...core, alerts, notices: new ToldNotices(), ...parts };
}

/** The scope of a bridge in which all is real, but nothing may be asked of the homeserver. */
export function bridgeScope(parts: Partial<BridgeScope> = {}): BridgeScope {
  const base = baseScope(parts);
  const activity = new Activity(base.clock);
  const ghosts = new Ghosts(base, new GhostIds(base.domain), { intent: (userId) => intentOf(userId) });
  return {
    ...base,
    ghosts,
    activity,
    presence: new Presence(base, ghosts, activity),
    puppets: new Puppets(base, ghosts, { puppet: unasked }, undefined),
    files: {
      media: { upload: unasked, download: unasked, uploadLimit: unasked },
      links: undefined,
      thumbnails: new Limiter(1, 0),
    },
    ...parts,
  };
}

/** The scope of a bridge whose users ask a homeserver that is nothing but `request`. */
export function askingScope(request: Requester["request"], parts: Partial<BridgeScope> = {}): BridgeScope {
  const base = baseScope({ bot: intentOf("@msnbot:localhost", request), ...parts });
  const intent = (userId: string): UserIntent => intentOf(userId, request);
  return bridgeScope({ ...base, ghosts: new Ghosts(base, new GhostIds(base.domain), { intent }), ...parts });
}

/** A row of a login that no store knows. */
export function loginRow(parts: Partial<LoginRow> = {}): LoginRow {
  return {
    id: 1,
    server: "one",
    passport: "mia@example.com",
    owner: OWNER,
    wantedStatus: "NLN",
    ...parts,
  };
}

/** A network on which nobody listens. */
export function testNetwork(parts: Partial<Network> = {}): Network {
  const nowhere = { host: "127.0.0.1", port: 1, nexusUrl: "http://127.0.0.1:1/" };
  return { id: "one", name: "One", dialect: "MSNP8", throttles: false, ...nowhere, ...parts };
}

/** The scope of an account without a session. */
export function accountScope(parts: Partial<AccountScope> = {}): AccountScope {
  return { ...baseScope(parts), row: loginRow(), network: testNetwork(), ...parts };
}

/** The scope of a login that is signed out, with its row in the store. */
export function loginScope(parts: Partial<LoginScope> = {}): LoginScope {
  const bridge = bridgeScope(parts);
  const row = parts.row ?? bridge.store.logins.save({ server: "one", passport: "mia@example.com", owner: OWNER });
  const account = { ...bridge, row, network: parts.network ?? testNetwork() };
  const session = new Session(account, new SessionLimits(bridge.clock), {
    prepare: () => Promise.resolve(),
    statusAfter: () => "NLN",
  });
  return { ...newLoginScope(bridge, account, parts.session ?? session), ...parts };
}

/** The scope of what takes in events, with the logins that the store holds. */
export function inboundScope(parts: Partial<InboundScope> = {}): InboundScope {
  const scope = bridgeScope(parts);
  const rooms = new ManagementRooms(scope);
  const management = new Management(scope, new Notices(scope, rooms), rooms);
  return { ...scope, management, logins: new Logins(scope, []), ...parts };
}
