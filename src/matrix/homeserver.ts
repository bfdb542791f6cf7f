import { systemClock, type Clock } from "../util/clock.ts";
import type { DestinationOptions } from "../util/destinations.ts";
import { KeptMap } from "../util/kept-map.ts";
import type { Log } from "../util/log.ts";
import type { HttpClient } from "./client/http.ts";
import { UserIntent, type GhostDirectory, type Registrations } from "./client/intent.ts";
import { UserRequests } from "./client/requests.ts";
import { Listener, type PingWatch, type TransactionReceiver, type UserDirectory } from "./listener/listener.ts";
import type { TokenListener } from "./client/token.ts";
import { Media, type Registrar } from "./media/media.ts";
import { PublicMedia, type PublicMediaOptions } from "./media/public-media.ts";
import { PuppetIntent, type PuppetAccess } from "./client/puppet.ts";
import { Startup, type Pings } from "./startup.ts";
import { Transport, type TransportOptions } from "./client/transport.ts";

interface Namespace {
  regex: string;
  exclusive: boolean;
}

/** The registration file. Matrix spec, Application Service API, "Registration". */
export interface AppserviceRegistration {
  id: string;
  /** Where the homeserver reaches us; null: it does not. */
  url: string | null;
  as_token: string;
  hs_token: string;
  sender_localpart: string;
  namespaces: { users?: Namespace[]; aliases?: Namespace[]; rooms?: Namespace[] };
  rate_limited?: boolean;
  protocols?: string[];
}

export interface HomeserverOptions {
  /** The homeserver's address, as we reach it. */
  url: string;
  /** Its name: what comes after the colon in user ids. */
  domain: string;
  registration: AppserviceRegistration;
  /** Where to listen; port 0 takes a free one. */
  hostname: string;
  port: number;
  log: Log;
  clock?: Clock;
  /** What sends our requests; over the network if not given. */
  http?: HttpClient;
  botDisplayName?: string;
  ghosts: GhostDirectory;
  registrations: Registrations;
  /** Links to files for people without Matrix; there are none when not given. */
  publicMedia?: Omit<PublicMediaOptions, "media" | "clock" | "log"> | undefined;
  /** Where it may redirect to when a file is fetched. */
  redirects?: DestinationOptions;
  /** Other limits than the usual ones for requests to the homeserver. */
  limits?: Pick<TransportOptions, "tryTimeoutMs" | "tries" | "deadlineMs" | "maxAnswerBytes" | "maxAtOnce">;
}

const BACKLOG = 128;

/**
 * The homeserver, seen from the bridge: what it sends us, and acting as one of our users. Call `listen`, then `start`, in
 * this order, because the homeserver may push from the moment it knows us.
 */
export class Homeserver implements TokenListener, Pings, UserDirectory, Registrar {
  readonly bot: UserIntent;
  readonly media: Media;
  readonly publicMedia: PublicMedia | undefined;
  readonly #options: HomeserverOptions;
  readonly #botUserId: string;
  #listener: Listener | undefined;
  #tokenListener: TokenListener | undefined;
  readonly #stopping = new AbortController();
  readonly #transport: Transport;
  readonly #botRequests: UserRequests;
  readonly #intents = new KeptMap<string, UserIntent>();

  constructor(options: HomeserverOptions) {
    this.#options = options;
    const { clock = systemClock, log, http, limits = {}, registration } = options;
    this.#botUserId = `@${registration.sender_localpart}:${options.domain}`;
    const { signal } = this.#stopping;
    this.#transport = new Transport(options.url, { ...limits, clock, log, ...(http && { http }), signal });
    this.#botRequests = this.#requestsOf(this.#botUserId);
    const media = new Media({
      url: options.url,
      token: registration.as_token,
      requester: this.#botRequests,
      users: this,
      clock,
      signal,
      redirects: options.redirects,
    });
    const links = options.publicMedia && new PublicMedia({ ...options.publicMedia, media, clock, log });
    this.media = media;
    this.publicMedia = links;
    this.bot = this.intent(this.#botUserId);
  }

  /**
   * Starts to take what the homeserver sends.
   * @throws ListenError when the port is taken
   */
  async listen(receiver: TransactionReceiver): Promise<void> {
    const { port, hostname, registration, log, clock = systemClock } = this.#options;
    const links = this.publicMedia;
    this.#listener = new Listener({
      hsToken: registration.hs_token,
      log,
      clock,
      receiver,
      users: this,
      ...(links && { links }),
    });
    await this.#listener.listen(port, hostname, BACKLOG);
  }

  /** From now on `listener` hears when a request is refused for our token's sake. */
  attach(listener: TokenListener): void {
    this.#tokenListener = listener;
  }

  /** The port that is really listened on. */
  get port(): number {
    return this.#listening.port;
  }

  get #listening(): Listener {
    if (this.#listener === undefined) throw new Error("nothing is listened to yet");
    return this.#listener;
  }

  /**
   * Waits for the homeserver as long as it takes, then makes sure that it knows us: our token, our name, the bot, the
   * way back to us.
   * @throws MatrixError `token-refused` or `rejected` with a sentence for the admin, when waiting is in vain
   * @throws the signal's reason when it is aborted
   */
  async start(signal: AbortSignal): Promise<void> {
    await new Startup({
      url: this.#options.url,
      registration: this.#options.registration,
      log: this.#options.log,
      clock: this.#options.clock ?? systemClock,
      bot: this.bot,
      botDisplayName: this.#options.botDisplayName,
      requester: this.#botRequests,
      pings: this,
    }).run(signal);
  }

  /** Time has passed: the users for whom nobody acts any more are forgotten. */
  age(): void {
    this.#intents.age();
  }

  /** Acting as one of our users: the same object for the same user, as long as anybody has it. */
  intent(userId: string): UserIntent {
    const known = this.#intents.get(userId);
    if (known !== undefined) return known;
    const intent = new UserIntent(userId, this.#requestsOf(userId), this.#botRequests, this.#options.registrations);
    this.#intents.set(userId, intent);
    return intent;
  }

  /** Acting as a person of this homeserver who is not one of our users. Not registered, not remembered. */
  puppet(userId: string, { type, token }: PuppetAccess): PuppetIntent {
    const isOwner = type === "own-token";
    return new PuppetIntent(userId, new UserRequests(this.#transport, { userId, token, isOwner }));
  }

  /** Lets what the homeserver has sent be taken to its end, then ends all requests to it. */
  async close(): Promise<void> {
    await this.#listener?.close();
    this.#stopping.abort();
  }

  tokenRefused(): void {
    this.#tokenListener?.tokenRefused();
  }

  expectPing(transactionId: string): PingWatch {
    return this.#listening.expectPing(transactionId);
  }

  async ensureRegistered(userId: string): Promise<void> {
    await this.intent(userId).ensureRegistered();
  }

  // Matrix spec, Application Service API, "Querying": a user who is said to exist has been created.
  async provision(userId: string): Promise<boolean> {
    if (userId !== this.bot.userId && !this.#options.ghosts.isGhost(userId)) return false;
    await this.ensureRegistered(userId);
    return true;
  }

  #requestsOf(userId: string): UserRequests {
    // The bot is the owner of the token.
    const isOwner = userId === this.#botUserId;
    const asker = { userId, token: this.#options.registration.as_token, isOwner };
    return new UserRequests(this.#transport, asker, this);
  }
}
