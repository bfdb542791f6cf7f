import { Bot } from "./commands/bot.ts";
import type { Config } from "./config.ts";
import { Ghosts } from "./bridge/ghost.ts";
import { GhostIds } from "./bridge/ids.ts";
import { Logins } from "./bridge/logins.ts";
import { Management } from "./bridge/management.ts";
import { Router } from "./bridge/router.ts";
import { wasAway } from "./bridge/sentences.ts";
import { Homeserver } from "./matrix/homeserver.ts";
import type { Registrations } from "./matrix/intent.ts";
import { permissionLevel } from "./permissions.ts";
import type { Registration } from "./registration.ts";
import { openStore, type Store } from "./store/store.ts";
import { Upkeep } from "./upkeep.ts";
import { systemClock, type Clock } from "./util/clock.ts";
import type { Log } from "./util/log.ts";

export interface StartOptions {
  readonly config: Config;
  readonly registration: Registration;
  readonly log: Log;
  readonly clock?: Clock;
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
  /** Ends what is under way, signs out of MSN, and closes everything. What is not done stays in the journal. */
  stop(): Promise<void>;
}

const STOP_PATIENCE_MS = 5000;

/**
 * Builds the parts in order and starts them.
 * @throws StoreError, ListenError
 */
export async function startBridge({
  config,
  registration,
  log,
  clock = systemClock,
}: StartOptions): Promise<RunningBridge> {
  const store = openStore({ path: config.database.uri, keyFile: config.database.key_file, clock });
  try {
    return await build({ config, registration, log, clock }, store);
  } catch (error) {
    store.close();
    throw error;
  }
}

async function build(
  { config, registration, log, clock }: Required<StartOptions>,
  store: Store,
): Promise<RunningBridge> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const networks = config.msn.servers;
  const ids = new GhostIds(config.homeserver.domain);
  const isAllowed = (userId: string): boolean => permissionLevel(config.bridge.permissions, userId) !== "block";
  let isReady = false;

  const homeserver = await Homeserver.open({
    url: config.homeserver.address,
    domain: config.homeserver.domain,
    registration,
    hostname: config.appservice.hostname,
    port: config.appservice.port,
    botDisplayName: config.appservice.bot.displayname,
    log,
    clock,
    registrations: rememberIn(store),
    isGhost: (userId) => networks.some(({ id }) => id === ids.parse(userId)?.server),
    accept: (events) => {
      const rows = store.journal.accept(events.filter((event) => !router.isOwn(event)));
      // Not before the answer. What comes before we can answer people is found by `resume`, and by that alone.
      if (isReady) setImmediate(() => isReady && router.route(rows));
    },
    onEphemeral: (events) => log.trace({ count: events.length }, "typing, receipts and presence do not cross yet"),
  });
  const { bot } = homeserver;
  const intent = homeserver.intent.bind(homeserver);
  const ghosts = new Ghosts({ rows: store.ghosts, ids, intent, log });
  const { federate_rooms: federate } = config.matrix;
  const management = new Management({ bot, store, isAllowed, federate, clock, log, signal });
  const logins = new Logins({
    networks,
    store,
    ghosts,
    federate,
    isAllowed,
    clock,
    log,
    tellOwner: (owner, sentence) => management.tell(owner, sentence),
    signal,
  });
  const prefix = config.bridge.command_prefix;
  const runCommand = new Bot(clock).run;
  const router = new Router({
    store,
    logins,
    management,
    ids,
    bot,
    intent,
    isAllowed,
    runCommand,
    prefix,
    clock,
    log,
    signal,
  });

  try {
    await homeserver.listen();
  } catch (error) {
    await homeserver.close();
    throw error;
  }
  log.info({ port: homeserver.port }, "listening for the homeserver");
  let upkeep: Upkeep | undefined;
  const goOn = async (): Promise<void> => {
    await homeserver.start(signal);
    isReady = true;
    store.batch(() => {
      // Until people are told, an earlier run's last sign of life stands.
      const awayFrom = store.run.lastAlive;
      if (awayFrom !== undefined) logins.tellAll(wasAway(awayFrom, clock.now()));
      store.run.alive(clock.now());
    });
    upkeep = new Upkeep(store, clock, log);
    management.resume();
    logins.start();
    router.resume();
    log.info("connected to the homeserver");
  };
  const ready = goOn();
  // Whoever awaits it sees the error; stopping before that must not end the process.
  ready.catch(() => undefined);

  const stop = async (): Promise<void> => {
    isReady = false;
    stopping.abort();
    const patience = Promise.withResolvers<void>();
    const timer = clock.after(STOP_PATIENCE_MS, patience.resolve);
    const work = Promise.all([logins.finish(), router.stop(), management.stop()]);
    await Promise.race([work, patience.promise]);
    timer.cancel();
    // Whatever still waits for one side or the other is let go by these.
    await logins.disconnect();
    await homeserver.close();
    await work;
    upkeep?.stop();
    store.close();
  };
  return { port: homeserver.port, ready, stop: once(stop) };
}

function rememberIn({ ghosts }: Store): Registrations {
  const known = new Set<string>();
  return {
    has: (userId) => known.has(userId) || ghosts.findByUserId(userId)?.registered === true,
    add: (userId) => {
      known.add(userId);
      ghosts.markRegistered(userId);
    },
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return async () => (done ??= work());
}
