import { countCosts, type CostCounter } from "../support/message-costs.ts";
import { PATIENT_CLOCK } from "../support/patient-clock.ts";
import { MIA, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

// What one message costs, each way, alone and in a stream: one line of JSON. A program of its own, so that `measure` can
// run the one of another checkout.
//
//     node test/measure/roads.ts

const MESSAGES = 20;

/** What one message took, on average. */
interface Road {
  readonly road: string;
  readonly decryptions: number;
  readonly rowReads: number;
  readonly commits: number;
  readonly requests: number;
  readonly paths: Record<string, number>;
}

/** Where the messages are said, and how one sees that they have arrived. */
interface Way {
  readonly name: string;
  readonly say: (text: string) => void;
}

async function measureRoads(): Promise<Road[]> {
  const counter = countCosts();
  const bridge = await TestBridge.open();
  try {
    await bridge.start(PATIENT_CLOCK);
    await bridge.login();
    const nils = bridge.sandbox.contact(NILS, "Nils");
    bridge.sandbox.befriend(MIA.passport, NILS, true);
    await nils.say(MIA.passport, "hello");
    const room = await bridge.joinRoomOf(NILS);
    await bridge.reads(bridge.alice, room, "hello");
    bridge.alice.say(room, "warm up");
    await until("the first message", () => nils.received.some(({ text }) => text === "warm up"));
    const ways: Way[] = [
      { name: "MSN to Matrix", say: (text) => void nils.say(MIA.passport, text) },
      { name: "Matrix to MSN", say: (text) => void bridge.alice.say(room, text) },
    ];
    const roads: Road[] = [];
    for (const way of ways)
      for (const kind of ["alone", "in a stream"] as const) roads.push(await carry(bridge, counter, way, kind));
    return roads;
  } finally {
    await bridge.close();
    counter.stop();
  }
}

async function carry(
  bridge: TestBridge,
  counter: CostCounter,
  { name, say }: Way,
  kind: "alone" | "in a stream",
): Promise<Road> {
  const { costs } = counter;
  const { requests } = bridge.fake;
  const settled = async (count: number): Promise<unknown> =>
    until(`${count} settled messages`, () => costs.settled >= count);
  // What the message before left to do, its receipt for example, is not this one's.
  const quiet = async (): Promise<void> => {
    for (let before = -1; before !== requests.length;) {
      before = requests.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };
  await quiet();
  counter.reset();
  const before = requests.length;
  for (let at = 1; at <= MESSAGES; at += 1) {
    say(`${name} ${kind} ${at}`);
    if (kind === "alone") await settled(at);
  }
  await settled(MESSAGES);
  await quiet();
  const { decryptions, rowReads, commits } = costs;
  const mine = requests.slice(before).map(({ method, path }) => `${method} ${withoutIds(path)}`);
  const each = (count: number): number => Math.round((count * 100) / MESSAGES) / 100;
  return {
    road: `${name}, ${kind}`,
    decryptions: each(decryptions),
    rowReads: each(rowReads),
    commits: each(commits),
    requests: each(mine.length),
    paths: Object.fromEntries([...Map.groupBy(mine, (path) => path)].map(([path, { length }]) => [path, each(length)])),
  };
}

function withoutIds(path: string): string {
  return decodeURIComponent(path)
    .replace(/^\/_matrix\/client\/v3/u, "")
    .split("/")
    .map((word) => (/[!@$:]|\d/u.test(word) ? "*" : word))
    .join("/");
}

process.stdout.write(`${JSON.stringify(await measureRoads())}\n`);
