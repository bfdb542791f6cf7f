import { dirname } from "node:path";
import { AbsenceWatch, Owners } from "./bridge/login/absence.ts";
import { Activity } from "./bridge/presence/activity.ts";
import { Bot } from "./commands/bot.ts";
import { settingsOf } from "./config/bridge-settings.ts";
import type { Config } from "./config/config.ts";
import { FullDisk } from "./bridge/login/full-disk.ts";
import { Ghosts } from "./bridge/ghosts/ghosts.ts";
import { NetworkGhosts } from "./bridge/ghosts/network-ghosts.ts";
import { GhostRegistrations } from "./bridge/ghosts/registrations.ts";
import { GhostIds } from "./convert/ghost-ids.ts";
import type { Login } from "./bridge/login/login.ts";
import { Logins } from "./bridge/login/logins.ts";
import { Management } from "./bridge/bot/management.ts";
import { ManagementRooms } from "./bridge/bot/management-rooms.ts";
import { Notices } from "./bridge/bot/notices.ts";
import type { BaseScope, CoreScope } from "./bridge/base/scope.ts";
import type { BridgeScope } from "./bridge/scope/bridge-scope.ts";
import { SignOuts } from "./bridge/login/sign-outs.ts";
import { Alerts } from "./ops/alerts.ts";
import { Presence } from "./bridge/presence/presence.ts";
import { Puppets } from "./bridge/puppets/puppets.ts";
import { Inbox } from "./bridge/from-matrix/inbox.ts";
import type { InboundScope } from "./bridge/from-matrix/scope.ts";
import { wasAway } from "./bridge/words/outages.ts";
import { HealthChecks } from "./bridge/login/health-checks.ts";
import { IdlePortals } from "./bridge/login/idle-portals.ts";
import { StaleStrangers } from "./bridge/login/stale-strangers.ts";
import { Homeserver, type HomeserverOptions } from "./matrix/homeserver.ts";
import { fetchWithCa } from "./msn/index.ts";
import { ConfiguredPermissions } from "./config/permissions.ts";
import type { Registration } from "./config/registration.ts";
import { isDiskFull, noRoom } from "./store/errors.ts";
import { checkDatabase } from "./store/quick-check.ts";
import { openStore, type Store } from "./store/store.ts";
import { stopBridge } from "./bridge/stop.ts";
import { FreeSpace } from "./ops/free-space.ts";
import { Maintenance } from "./ops/maintenance.ts";
import { TokenWatch } from "./ops/token-watch.ts";
import { Calendar } from "./util/calendar.ts";
import { systemClock, type Clock, type TimeSource } from "./util/clock.ts";
import { Limiter } from "./util/limiter.ts";
import type { Log } from "./util/log.ts";

export { StopError } from "./bridge/stop.ts";

export interface StartOptions {
  readonly config: Config;
  readonly registration: Registration;
  readonly log: Log;
  readonly clock?: TimeSource;
  /** Whether its database outlives a power cut and a full disk; so it does if not given. Tests need not pay for that. */
  readonly isDurable?: boolean;
}

interface BuildOptions extends Pick<StartOptions, "config" | "registration" | "log"> {
  readonly clock: Clock;
  readonly calendar: Calendar;
}

/** A bridge that is listening. */
export interface RunningBridge {
  /** The port on which the homeserver reaches us. */
  readonly port: number;
  /**
   * Resolves once the homeserver has been reached and everything goes on where it was left.
   * @throws MatrixError when the homeserver refuses us for good
   */
  readonly ready: Promise<void>;
  /** Never resolves. @throws StoreError `disk-broken` when the bridge can neither read nor write its database any more */
  readonly broken: Promise<never>;
  /**
   * Ends what is under way, signs out of MSN, and closes everything. What is not done stays in the journal.
   * @throws StoreError `disk-full` or `disk-broken`; everything is closed all the same
   */
  stop(): Promise<void>;
}

// The contact waits for them, but never long.
const [THUMBNAILS_AT_ONCE, THUMBNAILS_WAITING] = [1, 4] as const;
const HOUR_MS = 60 * 60_000;
// For the write-ahead log of SQLite (1000 pages, 4 MiB) and what is in hand when the disk is full.
const RESERVE_BYTES = 8 * 2 ** 20;

/**
 * Builds the parts in order and starts them.
 * @throws StoreError, ListenError
 */
export async function startBridge({
  config,
  registration,
  log,
  clock = systemClock,
  isDurable = true,
}: StartOptions): Promise<RunningBridge> {
  const { uri: path, key_file: keyFile } = config.database;
  const calendar = new Calendar(clock);
  const store = openStore({
    path,
    keyFile,
    clock,
    calendar,
    isDurable,
    ...(isDurable && { reserveBytes: RESERVE_BYTES }),
  });
  for (const repair of store.repairs) log.warn(repair);
  if (store.disk.reserveProblem !== undefined) log.warn(store.disk.reserveProblem);
  try {
    if (store.isSuspect) await checkDatabase(path);
    return await build({ config, registration, log, clock, calendar }, store);
  } catch (error) {
    store.close();
    throw isDiskFull(error) ? noRoom(path, error) : error;
  }
}

async function build(
  { config, registration, log, clock, calendar }: BuildOptions,
  store: Store,
): Promise<RunningBridge> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const networks = config.msn.servers.map(({ ca, allow_private_addresses, allow_low_ports, ...server }) => ({
    ...server,
    allowPrivateAddresses: allow_private_addresses,
    allowLowPorts: allow_low_ports,
    ...(ca !== undefined && { fetch: fetchWithCa(ca) }),
  }));
  const ids = new GhostIds(config.homeserver.domain);
  const permissions = new ConfiguredPermissions(config.bridge.permissions);

  const homeserver = new Homeserver({
    url: config.homeserver.address,
    domain: config.homeserver.domain,
    registration,
    hostname: config.appservice.hostname,
    port: config.appservice.port,
    botDisplayName: config.appservice.bot.displayname,
    log,
    clock,
    registrations: new GhostRegistrations(store.ghosts),
    ghosts: new NetworkGhosts(ids, networks),
    publicMedia: linksOf(config, store, calendar),
    redirects: { allowPrivateAddresses: config.media.allow_private_addresses },
  });
  const { bot } = homeserver;
  const { domain } = config.homeserver;
  const settings = settingsOf(config);
  const core: CoreScope = { store, clock, calendar, log, signal, settings, permissions, domain, bot };
  const managementRooms = new ManagementRooms(core);
  const notices = new Notices(core, managementRooms);
  const alerts = new Alerts(core, config.bridge.admin_room, notices);
  const token = new TokenWatch(alerts);
  homeserver.attach(token);
  const base: BaseScope = { ...core, alerts, notices };
  const management = new Management(base, notices, managementRooms);
  const ghosts = new Ghosts(base, ids, homeserver);
  const activity = new Activity(clock);
  const presence = new Presence(base, ghosts, activity);
  const puppets = new Puppets(
    base,
    ghosts,
    homeserver,
    config.double_puppet.secrets[domain]?.replace(/^as_token:/, ""),
  );
  const { media, publicMedia: links } = homeserver;
  const files = { media, links, thumbnails: new Limiter(THUMBNAILS_AT_ONCE, THUMBNAILS_WAITING) };
  const scope: BridgeScope = { ...base, ghosts, presence, activity, puppets, files };
  const logins = new Logins(scope, networks);
  const signOuts = new SignOuts(base, logins);
  const fullDisk = new FullDisk<Login>(base, logins, signOuts);
  const inbound: InboundScope = { ...scope, logins, management };
  const address = {
    userId: bot.userId,
    name: config.appservice.bot.displayname,
    prefix: config.bridge.command_prefix,
  };
  const inbox = new Inbox(inbound, address, new Bot({ bridge: base, logins, startedAt: clock.now() }));

  try {
    await homeserver.listen(inbox);
  } catch (error) {
    await homeserver.close();
    throw error;
  }
  log.info({ port: homeserver.port }, "listening for the homeserver");
  let maintenance: Maintenance | undefined;
  const goOn = async (): Promise<void> => {
    await homeserver.start(signal);
    token.tokenAccepted();
    store.batch(() => {
      store.run.begin(calendar.now());
      // Until people are told, the time at which an earlier run was last alive stands.
      const awayFrom = store.run.lastAlive;
      if (awayFrom !== undefined) logins.tellAll(wasAway(awayFrom, calendar.now()));
      store.run.alive(calendar.now());
    });
    maintenance = new Maintenance(store, { clock, calendar }, log);
    notices.resume();
    await logins.start();
    signal.throwIfAborted();
    fullDisk.start();
    puppets.start();
    await inbox.open();
    new HealthChecks(base, logins, new FreeSpace(dirname(config.database.uri))).start();
    new IdlePortals(base, logins, homeserver).start();
    new StaleStrangers(base, logins).start();
    new AbsenceWatch(base, new Owners(base, logins)).start();
    log.info("connected to the homeserver");
  };
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => undefined);
  store.disk.onChange(() => {
    if (store.disk.failure !== undefined) broken.reject(store.disk.failure);
  });
  const ready = goOn().catch((error: unknown) => {
    throw isDiskFull(error) ? noRoom(config.database.uri, error) : error;
  });
  // Its caller sees the error; stopping before that must not end the process.
  ready.catch(() => undefined);

  const stop = async (): Promise<void> => {
    stopping.abort();
    const { uri: path } = config.database;
    await stopBridge({ signOuts, inbox, notices, presence, puppets, homeserver, maintenance, store, path, clock });
  };
  return { port: homeserver.port, ready, broken: broken.promise, stop: once(stop) };
}

function linksOf(
  { public_media: links }: Config,
  { linkSecret, publicLinks }: Store,
  calendar: Calendar,
): HomeserverOptions["publicMedia"] {
  const { enabled, public_address: address, expiry_hours: hours, max_size: maxBytes } = links;
  if (!enabled || address === undefined) return undefined;
  return { secret: linkSecret, calendar, address, lifeMs: hours * HOUR_MS, maxBytes, given: publicLinks };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return async () => (done ??= work());
}
