/** A Synapse of our own on loopback: one process, SQLite, a folder that goes away with it. */
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Clock, systemClock } from "../util/clock.ts";
import type { Log } from "../util/log.ts";
import { SerialQueue } from "../util/serial-queue.ts";
import { runLogged } from "./child.ts";
import { takePort } from "./port.ts";
import { type RegisteredUser, registerUser } from "./register-user.ts";
import { logConfig, newSecret, synapseConfig } from "./synapse-config.ts";
import { SynapseProcess } from "./synapse-process.ts";
import type { SynapseCommand } from "./synapse-root.ts";
import { makeWorkFolder } from "./work-folder.ts";

export interface SynapseOptions {
  readonly command: SynapseCommand;
  /** The domain of its Matrix ids, such as `localhost`. */
  readonly serverName: string;
  /** Appservice registrations, copied to where Synapse can read them. */
  readonly registrationFiles: readonly string[];
  /** More settings in YAML; where a key is also ours, this one holds. */
  readonly extraConfig?: string;
  /** A free port when not given. */
  readonly port?: number;
  readonly log: Log;
  readonly clock?: Clock;
}

const GENERATE_LIMIT_MS = 60_000;

/**
 * Starts a Synapse and waits until it answers.
 * @throws an Error with the end of its log when it does not, or with a sentence when the wanted port is taken
 */
export async function startSynapse(options: SynapseOptions): Promise<Synapse> {
  const port = await takePort(options.port);
  const folder = await makeWorkFolder(options.command.workFolder);
  const sharedSecret = newSecret();
  const synapse = new Synapse(options, { port, folder, sharedSecret });
  try {
    await writeConfig(options, { port, folder, sharedSecret });
    await synapse.restart();
    return synapse;
  } catch (error) {
    await synapse.stop();
    throw error;
  }
}

interface Place {
  readonly port: number;
  /** As we see it. */
  readonly folder: string;
  readonly sharedSecret: string;
}

export class Synapse {
  /** Where its client API is, without a slash at the end. */
  readonly url: string;
  readonly serverName: string;
  readonly #sharedSecret: string;
  readonly #folder: string;
  readonly #process: SynapseProcess;
  // Starting and ending never overlap.
  readonly #turns = new SerialQueue(20);
  #stopped = false;

  /** Use `startSynapse`. */
  constructor(options: SynapseOptions, place: Place) {
    this.url = `http://127.0.0.1:${place.port}`;
    this.serverName = options.serverName;
    this.#sharedSecret = place.sharedSecret;
    this.#folder = place.folder;
    const inside = seenFrom(options.command, place.folder);
    this.#process = new SynapseProcess({
      argv: [
        ...options.command.argv,
        "-c",
        `${inside}/homeserver.yaml`,
        "-c",
        `${inside}/ours.yaml`,
        "-c",
        `${inside}/extra.yaml`,
      ],
      env: options.command.env,
      folder: place.folder,
      url: this.url,
      clock: options.clock ?? systemClock,
      log: options.log,
    });
  }

  /**
   * Makes a user and signs them in.
   * @throws an Error with Synapse's reason, such as a name that is taken
   */
  async registerUser(localpart: string, password: string, admin = false): Promise<RegisteredUser> {
    return registerUser(this.url, this.#sharedSecret, { localpart, password, admin });
  }

  /** Ends it, if it runs, and starts it again on the same port with everything that it remembers. */
  async restart(): Promise<void> {
    await this.#turns.add(async () => {
      if (this.#stopped) throw new Error("This Synapse was stopped and its files are gone; start a new one.");
      await this.#process.end();
      await this.#process.start();
    });
  }

  /** Ends it at once, as a crash does. `restart` brings it back. */
  async kill(): Promise<void> {
    await this.#turns.add(async () => this.#process.kill());
  }

  /** Ends it and removes its files. Doing it twice is no mistake. */
  async stop(): Promise<void> {
    await this.#turns.add(async () => {
      this.#stopped = true;
      await this.#process.end();
      await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
    });
  }

  /** The end of its log and of what it printed, also after it has stopped. */
  logTail(): string {
    return this.#process.logTail();
  }
}

async function writeConfig(options: SynapseOptions, place: Place): Promise<void> {
  const { command, serverName } = options;
  const { port, sharedSecret } = place;
  const folder = seenFrom(command, place.folder);
  const registrations = await copyRegistrations(options.registrationFiles, place.folder);
  const generate = [
    "--generate-config",
    "--server-name",
    serverName,
    "--report-stats",
    "no",
    "-c",
    `${folder}/homeserver.yaml`,
    "--data-directory",
    folder,
    "--config-directory",
    folder,
  ];
  const generated = await runLogged([...command.argv, ...generate], {
    clock: options.clock ?? systemClock,
    timeoutMs: GENERATE_LIMIT_MS,
    logFile: join(place.folder, "output.log"),
    env: command.env,
  });
  if (!generated.ok) throw new Error(`Synapse could not write its configuration: ${generated.output.trim()}`);
  const ours = synapseConfig({
    url: `http://127.0.0.1:${port}`,
    port,
    folder,
    sharedSecret,
    registrations: registrations.map((name) => `${folder}/${name}`),
  });
  // Synapse takes several files, of which the later ones win key by key.
  await writeFile(join(place.folder, "ours.yaml"), ours, { mode: 0o600 });
  await writeFile(join(place.folder, "extra.yaml"), options.extraConfig ?? "{}\n", { mode: 0o600 });
  await writeFile(join(place.folder, "log.yaml"), logConfig(folder));
}

async function copyRegistrations(files: readonly string[], folder: string): Promise<string[]> {
  return Promise.all(
    files.map(async (file, index) => {
      const name = `registration-${index}.yaml`;
      await readFile(file).catch((error: unknown) => {
        throw new Error(`the registration ${file} cannot be read`, { cause: error });
      });
      await copyFile(file, join(folder, name));
      return name;
    }),
  );
}

function seenFrom(command: SynapseCommand, folder: string): string {
  return `/${relative(command.root, folder)}`;
}
