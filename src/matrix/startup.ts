import { randomUUID } from "node:crypto";
import { z } from "zod";
import { Backoff } from "../util/backoff.ts";
import { sleep, withTimeout, type Clock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { MatrixError } from "./client/errors.ts";
import type { PingWatch } from "./listener/listener.ts";
import type { UserIntent } from "./client/intent.ts";
import { checkedRequest, type Requester } from "./client/requester.ts";

/** Hears the pings of the homeserver. */
export interface Pings {
  expectPing(transactionId: string): PingWatch;
}

export interface StartupOptions {
  url: string;
  registration: { id: string; url: string | null };
  log: Log;
  clock: Clock;
  bot: UserIntent;
  botDisplayName: string | undefined;
  requester: Requester;
  pings: Pings;
}

const versions = z.object({ versions: z.array(z.string()) });
const whoami = z.object({ user_id: z.string() });
const pinged = z.object({ duration_ms: z.number().optional() });
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const PING_ARRIVAL_MS = 5_000;
// How long to wait after each ping that failed; after the last one the admin is told.
const PING_WAITS_MS = [500, 2_000, undefined] as const;

const RESTART =
  "Nothing that is written on Matrix arrives until that is right: make sure that the registration.yaml in the " +
  "homeserver's configuration is the same file as here, then restart the homeserver.";
// This bridge itself has refused the homeserver.
const HS_TOKEN: Record<NonNullable<ReturnType<PingWatch["refused"]>>, string> = {
  wrong: `The homeserver reaches this bridge, but with another hs_token than the one in registration.yaml. ${RESTART}`,
  missing: `The homeserver, or a proxy in between, calls this bridge without the hs_token of registration.yaml. ${RESTART}`,
};

/** The questions asked once, when the bridge starts, and what the admin is told when the answers are wrong. */
export class Startup {
  readonly #options: StartupOptions;

  constructor(options: StartupOptions) {
    this.#options = options;
  }

  /** @throws MatrixError when waiting is in vain; the signal's reason when it is aborted */
  async run(signal: AbortSignal): Promise<void> {
    await this.#persist(signal, async () => this.#checkIdentity());
    await this.#persist(signal, async () => this.#prepareBot());
    await this.#checkWayBack(signal);
    signal.throwIfAborted();
  }

  // A homeserver that is not up yet, or a proxy that answers for it, is no error for an appservice.
  async #checkIdentity(): Promise<void> {
    const { user_id: userId } = await this.#identify();
    const { userId: expected } = this.#options.bot;
    if (userId === expected) return;
    throw new MatrixError(
      "rejected",
      `The homeserver takes this bridge for ${userId}, but it is configured to be ${expected}. ` +
        "Check homeserver.domain, and sender_localpart in registration.yaml.",
    );
  }

  async #identify(): Promise<z.infer<typeof whoami>> {
    try {
      // Synapse refuses an unknown token here already.
      await this.#ask(versions, "/_matrix/client/versions");
      return await this.#ask(whoami, "/_matrix/client/v3/account/whoami");
    } catch (error) {
      if (!(error instanceof MatrixError && error.code === "token-refused")) throw error;
      throw new MatrixError(
        "token-refused",
        "The homeserver does not know this registration's as_token. " +
          "Put registration.yaml into its configuration and restart the homeserver.",
        {
          ...(error.status === undefined ? {} : { status: error.status }),
          errcode: error.errcode ?? "M_UNKNOWN_TOKEN",
        },
        { cause: error },
      );
    }
  }

  async #prepareBot(): Promise<void> {
    const { bot, botDisplayName, log } = this.#options;
    await bot.ensureRegistered();
    if (botDisplayName === undefined || (await bot.displayName()) === botDisplayName) return;
    try {
      await bot.setDisplayName(botDisplayName);
    } catch (error) {
      if (!(error instanceof MatrixError) || error.retryable) throw error;
      log.warn(`The bot keeps its old name: ${error.message}.`);
    }
  }

  // A homeserver whose connections to an earlier run of the bridge have just broken fails once, so it is asked again
  // before the admin is told.
  async #checkWayBack(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#options;
    for (const wait of PING_WAITS_MS) {
      const problem = await this.#ping();
      if (problem === undefined) return;
      if (wait === undefined || !problem.mayPass) return log.warn(problem.sentence);
      log.debug({ problem: problem.sentence }, "the homeserver is asked again whether it reaches this bridge");
      await sleep(clock, wait, signal);
      signal.throwIfAborted();
    }
  }

  // Matrix spec, Application Service API, "Pinging": the homeserver calls us and tells how it went.
  async #ping(): Promise<{ sentence: string; mayPass: boolean } | undefined> {
    const { log, registration, clock } = this.#options;
    const transactionId = randomUUID();
    const ping = this.#options.pings.expectPing(transactionId);
    try {
      await this.#ask(pinged, `/_matrix/client/v1/appservice/${encodeURIComponent(registration.id)}/ping`, {
        transaction_id: transactionId,
      });
      await withTimeout(
        clock,
        PING_ARRIVAL_MS,
        ping.arrived,
        () => new Error("something else answers at that address"),
      );
      log.debug("the homeserver reaches this bridge");
      return undefined;
    } catch (error) {
      const refused = ping.refused();
      if (refused !== undefined) return { sentence: HS_TOKEN[refused], mayPass: false };
      // Homeservers that know nothing of pings do not all say so with an errcode.
      if (error instanceof MatrixError && error.status === 404) {
        log.debug("the homeserver cannot check whether it reaches this bridge");
        return undefined;
      }
      const sentence =
        `The homeserver cannot reach this bridge at ${registration.url ?? "(no url in the registration)"}: ` +
        `${reasonOf(error)}. Nothing that is written on Matrix arrives until it can. ` +
        "Check appservice.address here and url in registration.yaml, then restart the homeserver.";
      return { sentence, mayPass: !(error instanceof MatrixError) || error.retryable };
    } finally {
      ping.forget();
    }
  }

  async #persist(signal: AbortSignal, step: () => Promise<void>): Promise<void> {
    const { clock, log, url } = this.#options;
    const backoff = new Backoff({ first: FIRST_WAIT_MS, most: LONGEST_WAIT_MS });
    for (let told: string | undefined; ;) {
      signal.throwIfAborted();
      try {
        await step();
        if (told !== undefined) log.info("The homeserver answers now.");
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!isPassing(error)) throw error;
        // One that is up by now may be in the way for another reason: a certificate, a proxy.
        if (error.message !== told) log.warn(`Waiting for the homeserver at ${url}: ${error.message}.`);
        told = error.message;
      }
      await sleep(clock, backoff.next(), signal);
    }
  }

  async #ask<T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> {
    const { requester, bot } = this.#options;
    return checkedRequest(
      requester,
      schema,
      body === undefined ? "GET" : "POST",
      path,
      body === undefined ? {} : { body },
      bot.userId,
    );
  }
}

// A token that is refused now is the wrong one. Besides what may pass at any time, a homeserver that starts may not know
// all its paths yet.
function isPassing(error: unknown): error is MatrixError {
  if (!(error instanceof MatrixError) || error.code === "token-refused") return false;
  return error.retryable || error.code === "not-found" || error.code === "unexpected";
}

function reasonOf(error: unknown): string {
  if (!(error instanceof MatrixError)) return error instanceof Error ? error.message : String(error);
  const said = [error.errcode, error.reason].filter((part) => part !== undefined);
  return said.length > 0 ? said.join(": ") : error.message;
}
