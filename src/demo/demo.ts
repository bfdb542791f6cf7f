import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, type Config } from "../config/config.ts";
import { EXIT } from "../util/exit-codes.ts";
import { generateRegistration, writeRegistration, type Registration } from "../config/registration.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import { startBridge } from "../start.ts";
import { createLog } from "../util/log.ts";
import { converse, type Stage } from "./conversation.ts";
import { DemoUser } from "./demo-user.ts";
import { takePort } from "./port.ts";
import { Screen } from "./screen.ts";
import { startSynapse } from "./synapse.ts";
import { newSecret } from "./synapse-config.ts";
import { findSynapse, SynapseUnavailableError } from "./synapse-root.ts";

const DOMAIN = "localhost";

/**
 * Shows the whole thing on this machine: a homeserver, MSN servers, the bridge, a user and their contacts.
 * @param once ends by itself; otherwise it stays up for other Matrix clients until Ctrl-C
 * @returns the exit code: 0 when every message arrived
 */
export async function runDemo({ once }: { once: boolean }): Promise<number> {
  const screen = new Screen();
  // What was opened last is closed first.
  const closers: Array<() => Promise<void>> = [];
  const signal = abortedByCtrlC();
  try {
    return await show(screen, closers, { once, signal });
  } catch (error) {
    if (signal.aborted) return EXIT.ok;
    screen.problem(error instanceof Error ? error.message : String(error));
    return error instanceof SynapseUnavailableError ? EXIT.homeserver : EXIT.unexpected;
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

interface Mode {
  readonly once: boolean;
  /** Aborted when the user has seen enough. */
  readonly signal: AbortSignal;
}

async function show(screen: Screen, closers: Array<() => Promise<void>>, { once, signal }: Mode): Promise<number> {
  const log = createLog("silent");
  const command = await findSynapse({ progress: (line) => screen.step(line), signal });

  screen.step("Starting MSN servers of our own");
  const sandbox = await Sandbox.start({ accounts: [MIA] });
  closers.push(() => sandbox.stop());

  screen.step("Starting a Synapse homeserver");
  const folder = await mkdtemp(join(tmpdir(), "matrix-appservice-msn-demo-"));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const { config, registration, registrationFile } = await configure(folder, sandbox);
  const port = Number(new URL(config.homeserver.address).port);
  const synapse = await startSynapse({ command, serverName: DOMAIN, registrationFiles: [registrationFile], port, log });
  closers.push(() => synapse.stop());
  signal.throwIfAborted();

  screen.step("Starting the bridge");
  const bridge = await startBridge({ config, registration, log });
  closers.push(() => bridge.stop());
  await bridge.ready;

  const password = newSecret().slice(0, 12);
  const user = await synapse.registerUser("mia", password);
  const mia = new DemoUser(synapse.url, user, (message) => screen.message(message));
  closers.push(() => Promise.resolve(mia.stop()));
  await mia.start();

  const stage: Stage = { screen, sandbox, user: mia, domain: DOMAIN, account: MIA, signal };
  const missing = await converse(stage);
  for (const what of missing) screen.problem(`This did not arrive: ${what}`);
  if (once || missing.length > 0) return missing.length === 0 ? EXIT.ok : EXIT.unexpected;

  screen.invitation({ url: synapse.url, userId: user.userId, password });
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return EXIT.ok;
}

const MIA = { passport: "mia@example.com", password: "secret-of-mia", name: "Mia" };

interface Setting {
  config: Config;
  registration: Registration;
  registrationFile: string;
}

async function configure(folder: string, sandbox: Sandbox): Promise<Setting> {
  const homeserverPort = await takePort();
  const bridgePort = await takePort();
  const text = `
homeserver:
  address: http://127.0.0.1:${homeserverPort}
  domain: ${DOMAIN}
appservice:
  address: http://127.0.0.1:${bridgePort}
  port: ${bridgePort}
bridge:
  permissions:
    ${DOMAIN}: user
msn:
  servers:
    - id: sandbox
      name: Sandbox
      host: ${sandbox.host}
      port: ${sandbox.port}
      nexusUrl: ${sandbox.nexusUrl}
      throttles: false
`;
  const configFile = join(folder, "config.yaml");
  await writeFile(configFile, text);
  const config = parseConfig(text, configFile);
  const registration = generateRegistration(config);
  const registrationFile = join(folder, "registration.yaml");
  writeRegistration(registrationFile, registration);
  return { config, registration, registrationFile };
}

function abortedByCtrlC(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  return controller.signal;
}
