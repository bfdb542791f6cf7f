import type { UserIntent } from "../../src/matrix/client/intent.ts";
import { Activity } from "../../src/bridge/presence/activity.ts";
import { GhostIds } from "../../src/convert/ghost-ids.ts";
import { Presence } from "../../src/bridge/presence/presence.ts";
import type { Status } from "../../src/msn/index.ts";
import type { GhostRoom } from "../../src/store/ghost-rooms.ts";
import type { Store } from "../../src/store/store.ts";
import { captureLog, type CapturedLog } from "./captured-log.ts";
import { FakeClock } from "./fake-clock.ts";
import { openHomeservers, type TestHomeservers } from "./homeservers.ts";
import { baseScope } from "./scopes.ts";
import { SETTINGS } from "./settings.ts";

export const OWNER = "@alice:localhost";

/** What Synapse was measured to do. */
export const DECAY = { online: 68_000, unavailable: 35_000 };

const ids = new GhostIds("localhost");

/** Presence alone, on a fake clock, telling a real (fake) homeserver that counts. */
export class PresenceBench {
  readonly clock = new FakeClock();
  readonly activity = new Activity(this.clock);
  readonly captured: CapturedLog = captureLog("info");
  readonly presence: Presence;
  /** How often it was asked where a ghost is. */
  looks = 0;
  /** In which rooms each ghost is. */
  readonly rooms = new Map<string, GhostRoom[]>();
  /** When the homeserver was told of somebody; it takes note a little later. */
  readonly sentAt: number[] = [];
  readonly #both: TestHomeservers;
  readonly #store: Store;
  #underWay = 0;

  private constructor(both: TestHomeservers, perSecond: number) {
    this.#both = both;
    both.fake.world.presence.now = () => this.clock.now();
    const scope = baseScope({
      settings: { ...SETTINGS, presence: { ...SETTINGS.presence, perSecond } },
      clock: this.clock,
      log: this.captured.log,
    });
    this.#store = scope.store;
    const ghosts = {
      userId: ids.userId.bind(ids),
      byUserId: (userId: string) => this.#counted(both.homeserver.intent(userId)),
    };
    const ghostRooms = {
      list: (userId: string) => {
        this.looks += 1;
        return this.rooms.get(userId) ?? [];
      },
      ghosts: () => [...this.rooms.keys()],
    };
    this.presence = new Presence({ ...scope, store: { ghostRooms } }, ghosts, this.activity);
  }

  static async open(perSecond = 5): Promise<PresenceBench> {
    const both = await openHomeservers();
    await both.homeserver.bot.ensureRegistered();
    return new PresenceBench(both, perSecond);
  }

  get fake(): TestHomeservers["fake"] {
    return this.#both.fake;
  }

  /** What the homeserver was told: presence, the word beside it, of whom and when. */
  get told(): TestHomeservers["fake"]["world"]["presence"]["told"] {
    return this.fake.world.presence.told;
  }

  /** How often the homeserver was told in the busiest second. @throws Error where it has not taken note of all yet */
  busiest(): number {
    const times = this.sentAt;
    if (times.length !== this.told.length) throw new Error(`${times.length} were sent, ${this.told.length} arrived`);
    return Math.max(...times.map((end) => times.filter((at) => at > end - 1000 && at <= end).length));
  }

  ghost(name: string): string {
    return ids.userId("one", `${name}@example.com`);
  }

  /** A ghost that has a room with the owner, who has joined it. */
  meet(name: string): string {
    const userId = this.ghost(name);
    const { world } = this.fake;
    world.users.add(userId);
    this.#both.registered.add(userId);
    const roomId = world.createRoom(userId, { invite: [OWNER] }).id;
    world.join(OWNER, roomId);
    this.rooms.set(userId, [{ roomId, owner: OWNER }]);
    this.presence.roomOpened(userId);
    return userId;
  }

  see(name: string, status: Status, loginId = 1): void {
    this.presence.see(loginId, "one", `${name}@example.com`, status);
  }

  shown(name: string): string {
    const { presence, status_msg: text } = this.fake.world.presence.of(this.ghost(name));
    return text === undefined ? presence : `${presence}: ${text}`;
  }

  /** Moves time on in small steps, and lets what was asked be answered after each. */
  async pass(ms: number, step = 200): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      await this.clock.advance(Math.min(step, left));
      await this.settle();
    }
  }

  /** Lets everything that needs no time be done. */
  async settle(): Promise<void> {
    let quiet = 0;
    while (quiet < 3) {
      quiet = this.#underWay === 0 ? quiet + 1 : 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    const stopped = this.presence.stop(0);
    await this.clock.advance(0);
    await stopped;
    this.#store.close();
    await this.#both.close();
  }

  #counted(intent: UserIntent): Pick<UserIntent, "userId" | "setPresence" | "presence" | "membership"> {
    const count = async <T>(work: Promise<T>): Promise<T> => {
      this.#underWay += 1;
      return work.finally(() => (this.#underWay -= 1));
    };
    return {
      userId: intent.userId,
      setPresence: (...args) => {
        this.sentAt.push(this.clock.now());
        return count(intent.setPresence(...args));
      },
      presence: (...args) => count(intent.presence(...args)),
      membership: (...args) => count(intent.membership(...args)),
    };
  }
}
