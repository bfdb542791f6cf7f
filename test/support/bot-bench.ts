import { Management } from "../../src/bridge/bot/management.ts";
import { ManagementRooms } from "../../src/bridge/bot/management-rooms.ts";
import { Notices } from "../../src/bridge/bot/notices.ts";
import type { PermissionLevel } from "../../src/bridge/base/permissions.ts";
import type { BaseScope } from "../../src/bridge/base/scope.ts";
import { Alerts } from "../../src/ops/alerts.ts";
import { captureLog, type CapturedLog } from "./captured-log.ts";
import { EagerClock } from "./eager-clock.ts";
import type { FakePerson } from "./fake-homeserver/person.ts";
import { openHomeservers, type TestHomeservers } from "./homeservers.ts";
import { coreScope, memoryStore } from "./scopes.ts";
import { until } from "./until.ts";

/** The bot alone, on a clock on which every wait is over at once, with a real (fake) homeserver. */
export class BotBench {
  readonly alice: FakePerson;
  readonly captured: CapturedLog = captureLog();
  readonly levels = new Map<string, PermissionLevel>();
  readonly store = memoryStore();
  scope!: BaseScope;
  notices!: Notices;
  management!: Management;
  rooms!: ManagementRooms;
  readonly #both: TestHomeservers;
  #stopping = new AbortController();

  private constructor(both: TestHomeservers, adminRoom: string | undefined) {
    this.#both = both;
    this.alice = both.fake.user("alice");
    this.restart(adminRoom);
  }

  static async open(adminRoom?: string): Promise<BotBench> {
    const both = await openHomeservers();
    await both.homeserver.bot.ensureRegistered();
    return new BotBench(both, adminRoom);
  }

  get fake(): TestHomeservers["fake"] {
    return this.#both.fake;
  }

  get bot(): string {
    return this.#both.homeserver.bot.userId;
  }

  /** Ends the run and begins another on the same disk. */
  restart(adminRoom?: string): void {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    const core = coreScope({
      store: this.store,
      clock: new EagerClock(),
      log: this.captured.log,
      signal: this.#stopping.signal,
      bot: this.#both.homeserver.bot,
      permissions: {
        levelOf: (userId) => this.levels.get(userId) ?? "user",
        isAllowed: (userId) => this.levels.get(userId) !== "block",
      },
    });
    this.rooms = new ManagementRooms(core);
    this.notices = new Notices(core, this.rooms);
    this.scope = { ...core, alerts: new Alerts(core, adminRoom, this.notices), notices: this.notices };
    this.management = new Management(this.scope, this.notices, this.rooms);
  }

  /** Resolves once the bot has said everything to a user. */
  async quiet(owner = this.alice.userId): Promise<void> {
    await until("the bot has said everything", () => !this.notices.isSpeaking(owner));
  }

  /** What the bot said in a room, without what it took back. */
  said(roomId: string): string[] {
    return this.alice.messages(roomId).flatMap(({ sender, body }) => (sender === this.bot ? body : []));
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.notices.stop();
    this.store.close();
    await this.#both.close();
  }
}
