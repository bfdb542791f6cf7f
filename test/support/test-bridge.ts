import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig, type Config } from "../../src/config/config.ts";
import { takePort } from "../../src/demo/port.ts";
import { generateRegistration, writeRegistration, type Registration } from "../../src/config/registration.ts";
import type { ProfileName } from "../../src/sandbox/network/server-profile.ts";
import { TestSandbox } from "./sandbox/test-sandbox.ts";
import { startBridge, type RunningBridge } from "../../src/start.ts";
import { configText } from "./config-text.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { systemClock, type Clock } from "../../src/util/clock.ts";
import { captureLog, type CapturedLog } from "./captured-log.ts";
import { FakeHomeserver } from "./fake-homeserver.ts";
import type { FakeMessage, FakePerson } from "./fake-homeserver/person.ts";
import { plantDatabase } from "./made-database.ts";
import { tempFolder } from "./temp-folder.ts";
import { until } from "./until.ts";
import { timeSourceOf, timesOf } from "./calendars.ts";

export const MIA = { passport: "mia@example.com", password: "pass word+1,=%'ü", name: "Mia" };
export const BOT = "@msnbot:localhost";
export const NILS = "nils@example.com";

/** The servers against which the roads are tested, with what the tests call them. */
export const NETWORKS = [
  ["today", "of today"],
  ["official", "as the official ones were"],
] as const satisfies readonly (readonly [ProfileName, string])[];

/** The ghost of an account of the sandbox. */
export function ghostOf(passport: string): string {
  return `@msn_sandbox_${passport.replace("@", "=40")}:localhost`;
}

/** What kind of servers stand on both sides. */
interface Kinds {
  mood?: "synapse" | "conduit";
  msn?: ProfileName;
  /** How long nothing may happen on a switchboard, in milliseconds. */
  idleBoardMs?: number;
  /** The Passport service speaks https with it. */
  tls?: { key: string; cert: string };
  /** The file with the authority that the bridge trusts for that. */
  ca?: string;
  /** What else stands in the configuration, by section. */
  keys?: Record<string, object> | ((sandbox: TestSandbox) => Record<string, object>);
}

/** A fake homeserver and the sandbox with a bridge between them that can be stopped and started again. */
export class TestBridge {
  readonly folder: { readonly path: string; readonly remove: () => void };
  readonly fake: FakeHomeserver;
  readonly sandbox: TestSandbox;
  readonly config: Config;
  readonly registration: Registration;
  readonly captured: CapturedLog = captureLog("trace");
  readonly alice: FakePerson;
  #running: RunningBridge | undefined;

  private constructor(
    folder: TestBridge["folder"],
    parts: Pick<TestBridge, "fake" | "sandbox" | "config" | "registration">,
  ) {
    this.folder = folder;
    this.fake = parts.fake;
    this.sandbox = parts.sandbox;
    this.config = parts.config;
    this.registration = parts.registration;
    this.alice = this.fake.user("alice");
  }

  /** Everything but the bridge is running. */
  static async open({ mood = "synapse", msn = "today", ca, keys, ...other }: Kinds = {}): Promise<TestBridge> {
    const folder = tempFolder();
    const sandbox = await TestSandbox.start({ accounts: [MIA], profile: msn, ...other });
    const [bridgePort, homeserverPort] = [await takePort(), await takePort()];
    const text = configText(
      { bridgePort, homeserverPort },
      sandbox,
      ca,
      typeof keys === "function" ? keys(sandbox) : keys,
    );
    writeFileSync(join(folder.path, "config.yaml"), text);
    const config = parseConfig(text, join(folder.path, "config.yaml"));
    const registration = generateRegistration(config);
    writeRegistration(join(folder.path, "registration.yaml"), registration);
    plantDatabase(config.database.uri);
    const fake = await FakeHomeserver.start({ registration, port: homeserverPort, mood });
    return new TestBridge(folder, { fake, sandbox, config, registration });
  }

  /** The same with the bridge running and ready. */
  static async started(kinds?: Kinds): Promise<TestBridge> {
    const bridge = await TestBridge.open(kinds);
    await bridge.start();
    return bridge;
  }

  async start(clock: Clock = systemClock): Promise<void> {
    const { config, registration, captured } = this;
    this.#running = await startBridge({
      config,
      registration,
      log: captured.log,
      clock: timeSourceOf(clock),
      isDurable: false,
    });
    await this.#running.ready;
  }

  /** Stops the bridge so that its files look as after a crash. */
  async crash(): Promise<void> {
    await this.stopBridge();
    this.withStore((store) => store.run.alive(new Date(Date.now() - 60_000)));
  }

  /** Changes what is on disk, while the bridge does not run. */
  withStore(work: (store: Store) => void): void {
    const { uri: path, key_file: keyFile } = this.config.database;
    const store = openStore({ path, keyFile, ...timesOf(systemClock) });
    work(store);
    store.close();
  }

  async stopBridge(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  async close(): Promise<void> {
    await this.stopBridge();
    await this.fake.stop();
    await this.sandbox.stop();
    this.folder.remove();
  }

  /** Alice starts a chat with the bot. */
  async manage(person: FakePerson = this.alice): Promise<string> {
    const room = person.createDirectRoom(BOT);
    await this.reads(person, room, "help");
    return room;
  }

  /** Alice logs in to MSN as Mia, who has some people as her contacts; all others are strangers. */
  async login(...friends: string[]): Promise<string> {
    const room = await this.manage();
    for (const friend of friends) {
      this.sandbox.contact(friend);
      this.sandbox.befriend(MIA.passport, friend);
    }
    this.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
    await this.reads(this.alice, room, "You are signed in");
    return room;
  }

  /** Somebody says something to the bot, which answers with some words. */
  async ask(room: string, text: string, answer: string, person: FakePerson = this.alice): Promise<FakeMessage> {
    const before = person.messages(room).length;
    person.say(room, text);
    return until(`"${answer}" after "${text}"`, () =>
      person
        .messages(room)
        .slice(before)
        .find(({ sender, body }) => sender === BOT && body.includes(answer)),
    );
  }

  /** Alice asks the bot the same again and again, until the answer has some words in it. */
  async asksUntil(room: string, text: string, words: string): Promise<void> {
    for (let tries = 1; tries <= 100; tries += 1) {
      const { body } = await this.ask(room, text, "");
      if (body.includes(words)) return;
    }
    throw new Error(`the bot never answered "${text}" with "${words}"`);
  }

  /** Waits until a person can read some words of somebody else in a room. */
  async reads(person: FakePerson, room: string, words: string): Promise<FakeMessage> {
    return until(`"${words}" in ${room}`, () =>
      person.messages(room).find(({ sender, body }) => sender !== person.userId && body.includes(words)),
    );
  }

  /** Waits until a ghost has invited a person, who then joins. */
  async joinRoomOf(passport: string, person: FakePerson = this.alice): Promise<string> {
    const room = await until(`an invitation by ${passport}`, () =>
      person.invites().find((id) => this.fake.room(id).membership(ghostOf(passport)) === "join"),
    );
    person.join(room);
    return room;
  }
}
