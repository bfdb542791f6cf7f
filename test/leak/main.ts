import { MsnClient, type Dial, type Fetch, type MsnServer } from "../../src/msn/index.ts";
import { TestSandbox } from "../support/sandbox/test-sandbox.ts";
import { systemClock, type Clock, type Timer } from "../../src/util/clock.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../support/memory-msn.ts";
import { MsnPeer } from "../support/msn-peer.ts";
import { until } from "../support/until.ts";

// Signs in, talks and signs out, over and over. Afterwards no timer, socket or listener may be left, and the heap must
// be as large as it was in the beginning.
//
//     npm run test:leak

const ACCOUNT = "mia@example.com";
const NILS = "nils@example.com";
// What one client has gathered shows as well as what every new one leaves behind.
const ROUNDS_PER_CLIENT = 50;
const SAMPLES = 100;
// Until then code is still being compiled, and tables grow to their size.
const WARM_UP_ROUNDS = 1000;
const MOST_GROWTH = 1024 * 1024;

/** Counts the timers that have neither run nor been cancelled. */
class CountingClock implements Clock {
  readonly #live = new Set<object>();

  get waiting(): number {
    return this.#live.size;
  }

  now(): number {
    return systemClock.now();
  }

  after(ms: number, run: () => void): Timer {
    const mark = {};
    this.#live.add(mark);
    const timer = systemClock.after(ms, () => {
      this.#live.delete(mark);
      run();
    });
    return {
      cancel: () => {
        this.#live.delete(mark);
        timer.cancel();
      },
    };
  }
}

/** Where the rounds take place. */
interface Place {
  readonly name: string;
  readonly rounds: number;
  readonly server: MsnServer;
  readonly net: { readonly dial?: Dial; readonly fetch?: Fetch };
  /** Connections that are open on the server's side. */
  connections(): number;
  forget(): void;
  close(): Promise<void>;
}

function inMemory(): Place {
  const peer = new MsnPeer();
  const { fetch, requests } = passportFetch(GOOD_PASSPORT);
  return {
    name: "in memory",
    rounds: 10_000,
    server: { host: "ns", port: 1863, nexusUrl: NEXUS },
    net: { dial: peer.dial, fetch },
    connections: () => peer.connections,
    forget: () => void requests.splice(0),
    close: () => Promise.resolve(),
  };
}

async function overSockets(): Promise<Place> {
  const sandbox = await TestSandbox.start({ accounts: [{ passport: ACCOUNT, password: "secret" }] });
  sandbox.befriend(ACCOUNT, sandbox.contact(NILS, "Nils").passport, true);
  return {
    name: "over sockets",
    rounds: 500,
    server: { host: sandbox.host, port: sandbox.port, nexusUrl: sandbox.nexusUrl },
    net: {},
    connections: () => sandbox.sessions(ACCOUNT) + sandbox.boards(),
    forget: () => void sandbox.contact(NILS).received.splice(0),
    close: () => sandbox.stop(),
  };
}

async function live(client: MsnClient): Promise<void> {
  await client.connect();
  const { state } = await client.conversation(NILS).send({ type: "text", text: "Hello" });
  if (state !== "delivered") throw new Error(`a text was ${state}`);
  await client.disconnect();
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** Goes through all rounds. @returns the size of the heap at so many moments of them */
async function liveOften(place: Place, clock: Clock): Promise<number[]> {
  const { server, net, rounds } = place;
  const newClient = (): MsnClient => new MsnClient({ server, account: ACCOUNT, password: "secret", clock, ...net });
  let client = newClient();
  const samples: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    if (round % ROUNDS_PER_CLIENT === 0) client = newClient();
    await live(client);
    place.forget();
    if (round >= 0 && round % (rounds / SAMPLES) === 0) samples.push(heap());
  }
  return samples;
}

function resources(): string {
  const counts = new Map<string, number>();
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const words = [...counts].map(([name, count]) => `${count} ${name}`);
  return words.toSorted().join(", ") || "none";
}

async function becomes(what: string, wanted: string, now: () => string): Promise<boolean> {
  // Sockets take a moment to close, and fetch keeps its own for some seconds.
  const isSo = await until(what, () => now() === wanted).catch(() => false);
  console.log(`  ${isSo ? "ok  " : "FAIL"} ${what}: ${now()}${isSo ? "" : `, and not ${wanted}`}`);
  return isSo;
}

async function isTight(open: () => Place | Promise<Place>, before: string): Promise<boolean> {
  const clock = new CountingClock();
  const place = await open();
  const start = performance.now();
  const samples = await liveOften(place, clock);
  console.log(`${place.rounds} rounds ${place.name}, ${((performance.now() - start) / 1000).toFixed(1)} seconds`);
  const tenth = SAMPLES / 10;
  const [early, late] = [median(samples.slice(0, tenth)), median(samples.slice(-tenth))];
  const isFlat = late - early < MOST_GROWTH;
  const [earlyKib, lateKib] = [early, late].map((bytes) => `${(bytes / 1024).toFixed(0)} KiB`);
  console.log(`  ${isFlat ? "ok  " : "FAIL"} heap, medians of the first and last tenth: ${earlyKib} ${lateKib}`);
  const connections = await becomes("open connections", "0", () => String(place.connections()));
  await place.close();
  const timers = await becomes("timers of the clients", "0", () => String(clock.waiting));
  // `until` waits with a timer of its own, which is over when it looks.
  const left = await becomes("what keeps the process alive", before, resources);
  return isFlat && connections && timers && left;
}

if (globalThis.gc === undefined) throw new Error("node has to be run with --expose-gc");
// Where they are pipes, both count as resources from their first use on.
for (const stream of [process.stdout, process.stderr]) stream.write("");
const before = resources();
const results = [await isTight(inMemory, before), await isTight(overSockets, before)];
// Not by waiting for what was left.
process.exit(results.every(Boolean) ? 0 : 1);
