/** The one Synapse that all end-to-end tests of a run share, and the way to one of their own. */
import { SynapseUnavailableError, type SynapseCommand, findSynapse } from "../../../src/demo/synapse-root.ts";
import { type Synapse, type SynapseOptions, startSynapse } from "../../../src/demo/synapse.ts";
import { createLog } from "../../../src/util/log.ts";
import { type BridgeSeat, makeBridgeSeat } from "./bridge-seat.ts";
import { Person } from "./person.ts";

interface Shared {
  readonly command: SynapseCommand;
  readonly synapse: Synapse;
  readonly seat: BridgeSeat;
}

const log = createLog("warn");
const own = new Set<Synapse>();
const seats = new Set<BridgeSeat>();
let shared: Shared | undefined;
let people = 0;

/**
 * Finds Synapse and starts the shared one.
 * @returns the words of apt when no Synapse can be had because apt could not fetch it; any other trouble is thrown
 */
export async function openShared(progress: (line: string) => void): Promise<string | undefined> {
  const command = await findSynapse({ progress }).catch((error: unknown) => {
    if (error instanceof SynapseUnavailableError && error.aptFailed) return error.aptWords;
    throw error;
  });
  if (typeof command === "string") return command;
  const seat = await makeBridgeSeat();
  try {
    const synapse = await startSynapse({
      command,
      serverName: "localhost",
      registrationFiles: [seat.file],
      port: seat.homeserverPort,
      log,
    });
    shared = { command, synapse, seat };
  } catch (error) {
    seat.remove();
    throw error;
  }
  return undefined;
}

/** Stops every Synapse of this run. */
export async function closeShared(): Promise<void> {
  const running = shared === undefined ? [...own] : [...own, shared.synapse];
  await Promise.all(running.map(async (synapse) => synapse.stop()));
  shared?.seat.remove();
  for (const seat of seats) seat.remove();
}

export function sharedSynapse(): Synapse {
  return theShared().synapse;
}

/** The place that the shared Synapse keeps for a bridge. Test files run one after the other, so one place is enough. */
export function bridgeSeat(): BridgeSeat {
  return theShared().seat;
}

/** A Synapse that a test does not share, because it breaks it or needs another configuration. */
export async function ownSynapse(
  options: Partial<Pick<SynapseOptions, "extraConfig" | "registrationFiles" | "port">> = {},
): Promise<Synapse> {
  const { command } = theShared();
  const synapse = await startSynapse({ registrationFiles: [], ...options, command, serverName: "localhost", log });
  own.add(synapse);
  return synapse;
}

/** A Synapse of a test's own that knows a bridge, with more settings in YAML. */
export async function ownSynapseWithSeat(extraConfig: string): Promise<{ synapse: Synapse; seat: BridgeSeat }> {
  const seat = await makeBridgeSeat();
  seats.add(seat);
  const registrationFiles = [seat.file, seat.puppets.file];
  const synapse = await ownSynapse({ extraConfig, registrationFiles, port: seat.homeserverPort });
  return { synapse, seat };
}

/** A new person, signed in, whose name begins with `name` and is used by nobody else in this run. */
export async function newPerson(name: string, synapse = sharedSynapse()): Promise<Person> {
  people += 1;
  const { userId, accessToken, deviceId } = await synapse.registerUser(`${name}${people}`, "a password");
  return Person.signIn(synapse.url, userId, accessToken, deviceId);
}

function theShared(): Shared {
  if (shared === undefined) throw new Error("run end-to-end tests with: mocha --config .mocharc.e2e.json");
  return shared;
}
