import type { Synapse } from "../../../src/demo/synapse.ts";
import type { ProfileName } from "../../../src/sandbox/network/server-profile.ts";
import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { startBridge, type RunningBridge } from "../../../src/start.ts";
import { captureLog, type CapturedLog } from "../../support/captured-log.ts";
import { BOT, MIA } from "../../support/test-bridge.ts";
import type { BridgeSeat } from "./bridge-seat.ts";
import type { Person } from "./person.ts";
import { bridgeSeat, newPerson, sharedSynapse } from "./shared-synapse.ts";

/** A Synapse, the sandbox, a bridge between them, and Alice. */
export class Town {
  readonly sandbox: TestSandbox;
  readonly alice: Person;
  readonly captured: CapturedLog;
  readonly #bridge: RunningBridge;

  private constructor(parts: { sandbox: TestSandbox; alice: Person; captured: CapturedLog; bridge: RunningBridge }) {
    this.sandbox = parts.sandbox;
    this.alice = parts.alice;
    this.captured = parts.captured;
    this.#bridge = parts.bridge;
  }

  /**
   * On the Synapse that is shared, unless another is given.
   * @param keys what else stands in the bridge's configuration, by section
   */
  static async open(
    profile: ProfileName,
    { synapse, seat }: { synapse: Synapse; seat: BridgeSeat } = { synapse: sharedSynapse(), seat: bridgeSeat() },
    keys?: Record<string, object>,
  ): Promise<Town> {
    const sandbox = await TestSandbox.start({ accounts: [MIA], profile });
    const captured = captureLog();
    const { registration } = seat;
    const bridge = await startBridge({ config: seat.config(sandbox, keys), registration, log: captured.log });
    await bridge.ready;
    const alice = await newPerson("alice", synapse);
    return new Town({ sandbox, alice, captured, bridge });
  }

  async close(): Promise<void> {
    this.alice.stop();
    await this.#bridge.stop();
    await this.sandbox.stop();
  }

  /** Alice starts a chat with the bot and logs in to MSN. */
  async login(preset?: "private_chat"): Promise<string> {
    const room = await this.alice.directRoomWith(BOT, preset);
    await this.alice.waitForMessage(room, ({ body }) => body.includes("Say help"));
    await this.alice.say(room, `login sandbox ${MIA.passport} ${MIA.password}`);
    await this.alice.waitForMessage(room, ({ body }) => body.includes("You are signed in"));
    return room;
  }
}
