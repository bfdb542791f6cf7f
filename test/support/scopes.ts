import { join } from "node:path";
import type { OwnerNotices, Topic } from "../../src/bridge/base/owner-notices.ts";
import type { BaseScope, CoreScope } from "../../src/bridge/base/scope.ts";
import { Ghosts } from "../../src/bridge/ghosts/ghosts.ts";
import { Activity } from "../../src/bridge/presence/activity.ts";
import { Presence } from "../../src/bridge/presence/presence.ts";
import { Puppets } from "../../src/bridge/puppets/puppets.ts";
import type { BridgeScope } from "../../src/bridge/scope/bridge-scope.ts";
import { GhostIds } from "../../src/convert/ghost-ids.ts";
import { UserIntent, type UserRequest } from "../../src/matrix/client/intent.ts";
import { Alerts } from "../../src/ops/alerts.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import { Limiter } from "../../src/util/limiter.ts";
import { silentLog } from "../../src/util/log.ts";
import { SETTINGS } from "./settings.ts";
import { tempFolder } from "./temp-folder.ts";

/** A store in memory. */
function memoryStore(clock: Clock = systemClock): Store {
  const folder = tempFolder();
  try {
    return openStore({ path: ":memory:", keyFile: join(folder.path, "key"), clock });
  } finally {
    folder.remove();
  }
}

const unasked = (): never => {
  throw new Error("nothing is asked of the homeserver");
};

/** A user of ours of whom nothing may be asked, or whose requests are answered by `request`. */
function intentOf(userId: string, request: UserRequest = unasked): UserIntent {
  const registrations = { has: () => true, add: () => undefined };
  return new UserIntent({ userId, request, requestAsBot: request, registrations });
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
    clock,
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
function baseScope(parts: Partial<BaseScope> = {}): BaseScope {
  const core = coreScope(parts);
  const alerts = new Alerts(core, undefined, { say: () => undefined });
  return { ...core, alerts, notices: new ToldNotices(), ...parts };
}

/** The scope of a bridge in which all is real, but nothing may be asked of the homeserver. */
export function bridgeScope(parts: Partial<BridgeScope> = {}): BridgeScope {
  const base = baseScope(parts);
  const { store, clock, log, signal, domain, settings, permissions, notices } = base;
  const ids = new GhostIds(domain);
  const intent = (userId: string): UserIntent => intentOf(userId);
  const activity = new Activity(clock);
  return {
    ...base,
    ghosts: new Ghosts({ rows: store.ghosts, ids, intent, clock, log, signal }),
    activity,
    presence: new Presence({ ids, intent, rooms: store.ghostRooms, activity, settings, clock, log }),
    puppets: new Puppets({
      store,
      ids,
      domain,
      secret: undefined,
      open: unasked,
      isAllowed: (userId) => permissions.isAllowed(userId),
      tellOwner: (owner, sentence) => notices.tell(owner, sentence),
      clock,
      log,
      signal,
    }),
    files: {
      media: { upload: unasked, download: unasked, uploadLimit: unasked },
      links: undefined,
      thumbnails: new Limiter(1, 0),
    },
    ...parts,
  };
}
