import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../../src/util/exit-codes.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { ghostOf, MIA, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { judge, type Ledger, type Problem } from "./ledger.ts";
import { SmallDisk } from "./small-disk.ts";

/** What happens to a bridge while its disk is full. */
export interface Script {
  readonly name: string;
  /** How it ends while the disk is full; it goes on if not given. */
  readonly end?: "SIGTERM" | "SIGKILL";
  /** Whether somebody else takes the room that the bridge makes, so that nothing at all can be written. */
  readonly isGreedy: boolean;
  /** Whether the disk is not full, but fails. */
  readonly isBroken?: true;
  /** When it ends: while MSN is only not read, or once it has signed out. */
  readonly moment: "paused" | "signed out";
}

const CONTACTS = ["nils", "olga", "pete"] as const;
const BURST = 20;
// So that they take room.
const PADDING = "x".repeat(900);

/** One bridge, as a process of its own, on a small disk, with contacts and a person who keep on writing. */
export class Scene {
  readonly #disk: SmallDisk;
  readonly #bridge: TestBridge;
  readonly #script: Script;
  readonly #rooms = new Map<string, string>();
  readonly #ledger: Ledger = { saidByContacts: [], saidByUser: [], management: [], ends: 0 };
  #process: BridgeProcess;
  #management = "";
  #number = 0;

  private constructor(script: Script, disk: SmallDisk, bridge: TestBridge) {
    this.#script = script;
    this.#disk = disk;
    this.#bridge = bridge;
    this.#process = this.#start();
  }

  static async play(script: Script): Promise<Problem[]> {
    const disk = SmallDisk.mount();
    const database = { uri: join(disk.path, "msn.db"), key_file: join(disk.path, "msn.key") };
    const bridge = await TestBridge.open({ keys: { database } });
    const scene = new Scene(script, disk, bridge);
    try {
      return await scene.#play();
    } finally {
      await scene.#process.kill();
      await bridge.close();
      disk.unmount();
    }
  }

  async #play(): Promise<Problem[]> {
    await this.#process.prints("connected to the homeserver");
    await this.#meet();
    if (this.#script.isBroken === true) {
      await this.#breakDisk();
      await this.#startAgain();
      return this.#judge();
    }
    if (this.#script.isGreedy) this.#disk.fillAndKeepFull();
    else this.#disk.fill();
    const isSignedOut = (): boolean => this.#bridge.sandbox.sessions(MIA.passport) === 0;
    const traffic = this.#talk(() => isSignedOut());
    await this.#process.prints("so nothing is read from MSN and Matrix");
    if (this.#script.moment === "signed out") await until("contacts see them offline", isSignedOut);
    if (this.#script.end !== undefined) await this.#end(this.#script.end);
    await traffic;
    this.#disk.free();
    if (this.#script.end !== undefined) await this.#startAgain();
    return this.#judge();
  }

  async #startAgain(): Promise<void> {
    this.#process = this.#start();
    await this.#process.prints("connected to the homeserver");
  }

  async #judge(): Promise<Problem[]> {
    await until("signed in again", () => this.#bridge.sandbox.sessions(MIA.passport) === 1);
    await this.#comeToRest();
    return judge(this.#facts());
  }

  // What the system refuses beside room, here by a limit for the size of files, is SQLITE_IOERR to the database.
  async #breakDisk(): Promise<void> {
    execFileSync("prlimit", ["--pid", String(this.#process.pid), "--fsize=4096"]);
    const traffic = this.#talk(() => this.#bridge.sandbox.sessions(MIA.passport) === 0);
    this.#expect("the exit code where the disk fails", await this.#process.ends(), EXIT.diskBroken);
    this.#expect(
      "its sentence",
      /The disk with the database \S+ failed \(SQLITE_IOERR/u.test(this.#process.output),
      true,
    );
    this.#ledger.ends += 1;
    await traffic;
  }

  #start(): BridgeProcess {
    return new BridgeProcess(["-c", join(this.#bridge.folder.path, "config.yaml")]);
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const code = await this.#process.kill(signal);
    this.#ledger.ends += 1;
    if (signal === "SIGTERM") this.#expect("the exit code of a stop on a full disk", code, EXIT.diskFull);
    if (!this.#script.isGreedy) return;
    const again = this.#start();
    this.#expect("the exit code of a start without any room", await again.ends(), EXIT.diskFull);
    this.#expect("its sentence", /The disk with the database \S+ is full\. Free/u.test(again.output), true);
  }

  #expect(what: string, found: unknown, wanted: unknown): void {
    if (found !== wanted)
      throw new Error(`${what} is ${String(found)}, not ${String(wanted)}:\n${this.#process.output.slice(-3000)}`);
  }

  /** Everybody has a room in which both have spoken. */
  async #meet(): Promise<void> {
    const bridge = this.#bridge;
    this.#management = await bridge.login();
    for (const name of CONTACTS) {
      const contact = bridge.sandbox.contact(`${name}@example.com`, name);
      await contact.say(MIA.passport, "hello");
      const room = await bridge.joinRoomOf(contact.passport);
      await bridge.reads(bridge.alice, room, "hello");
      bridge.alice.say(room, "hello back");
      await until("hello back", () => contact.received.length === 1);
      this.#rooms.set(name, room);
    }
  }

  /** Bursts in both directions, until contacts cannot reach the person any more. */
  async #talk(isOver: () => boolean): Promise<void> {
    const person = this.#rooms.entries().map(async ([name, room]) => {
      for (let left = 10; left > 0; left -= 1) {
        const text = this.#next(`to ${name}`);
        this.#ledger.saidByUser.push({ contact: name, text, eventId: this.#bridge.alice.say(room, text) });
        await sleep(100);
      }
    });
    const contacts = CONTACTS.map(async (name) => {
      while (!isOver() && (await this.#burst(name))) await sleep(200);
    });
    await Promise.all([...person, ...contacts]);
  }

  /** False: they could not be handed all of it, and know that. */
  async #burst(name: string): Promise<boolean> {
    const contact = this.#bridge.sandbox.contact(`${name}@example.com`);
    const says = Array.from({ length: BURST }, async () => {
      const text = `${this.#next(`from ${name}`)} ${PADDING}`;
      await contact.say(MIA.passport, text);
      this.#ledger.saidByContacts.push({ contact: name, text });
    });
    return (await Promise.allSettled(says)).every(({ status }) => status === "fulfilled");
  }

  #next(words: string): string {
    return `${words} ${(this.#number += 1)}`;
  }

  /** The last words in both directions arrive when everything before them has. */
  async #comeToRest(): Promise<void> {
    const { alice, sandbox } = this.#bridge;
    for (const [name, room] of this.#rooms) {
      const contact = sandbox.contact(`${name}@example.com`);
      const end = this.#next(`end of ${name}`);
      const reach = async (): Promise<boolean> =>
        contact.say(MIA.passport, end).then(
          () => true,
          () => false,
        );
      await until(`${name} can reach them`, reach);
      alice.say(room, end);
      await until(end, () => contact.received.some(({ text }) => text === end));
      await this.#bridge.reads(alice, room, end);
    }
    await this.#bridge.ask(this.#management, "version", "");
  }

  #facts(): Parameters<typeof judge>[0] {
    const { alice, sandbox } = this.#bridge;
    const rooms = [...this.#rooms].map(([contact, room]) => {
      const messages = alice.messages(room);
      return {
        contact,
        shown: messages.flatMap(({ sender, body, content }) =>
          sender === ghostOf(`${contact}@example.com`) && content["msgtype"] === "m.text" ? [body] : [],
        ),
        notices: messages.flatMap(({ body, content }) =>
          content["msgtype"] === "m.notice"
            ? [{ body, relation: JSON.stringify(content["m.relates_to"] ?? null) }]
            : [],
        ),
        received: sandbox.contact(`${contact}@example.com`).received.map(({ text }) => text),
      };
    });
    const management = alice.messages(this.#management).map(({ body }) => body);
    return { ...this.#ledger, management, rooms };
  }
}
