import { Ghosts } from "../../src/bridge/ghosts/ghosts.ts";
import type { LoginScope } from "../../src/bridge/scope/login-scope.ts";
import { GhostIds } from "../../src/convert/ghost-ids.ts";
import type { PortalRow } from "../../src/store/portals.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import type { FakePerson } from "./fake-homeserver/person.ts";
import { openHomeservers, type TestHomeservers } from "./homeservers.ts";
import { baseScope, loginScope, memoryStore, ToldNotices } from "./scopes.ts";

/** A login of Alice, signed out of MSN, whose users act on a fake homeserver. */
export class RoomBench {
  readonly servers: TestHomeservers;
  readonly login: LoginScope;
  readonly alice: FakePerson;
  readonly notices = new ToldNotices();
  readonly #stopping = new AbortController();

  private constructor(servers: TestHomeservers, clock: Clock) {
    this.servers = servers;
    this.alice = servers.fake.user("alice");
    const { bot } = servers.homeserver;
    const { signal } = this.#stopping;
    const base = baseScope({ bot, signal, clock, store: memoryStore(clock), notices: this.notices });
    this.login = loginScope({ ...base, ghosts: new Ghosts(base, new GhostIds("localhost"), servers.homeserver) });
  }

  static async open(clock: Clock = systemClock): Promise<RoomBench> {
    return new RoomBench(await openHomeservers(), clock);
  }

  /** The bridge begins to stop. */
  stop(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    this.stop();
    await this.servers.close();
    this.login.store.close();
  }

  /** The row of the chat with a contact. */
  direct(contact: string): PortalRow {
    return this.login.store.portals.save({ loginId: this.login.row.id, kind: "direct", remote: contact });
  }

  /** The row of a group. */
  group(...people: string[]): PortalRow {
    const row = this.login.store.portals.save({ loginId: this.login.row.id, kind: "group", remote: "some id" });
    this.login.store.portalMembers.grow(row.id, people);
    return row;
  }

  /** What the homeserver has been asked since then, without ids. */
  asked(since: number): string[] {
    return this.servers.fake.requests
      .slice(since)
      .map(({ method, path }) => `${method} ${decodeURIComponent(path).replace(/^.*\/rooms\/[^/]+\/|^.*\/v3\//u, "")}`);
  }
}
