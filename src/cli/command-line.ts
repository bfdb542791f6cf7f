import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { ConfigError, readConfig, type Config } from "../config/config.ts";
import { PUPPET_REGISTRATION } from "../config/protect.ts";
import { EXIT } from "../util/exit-codes.ts";
import {
  generatePuppetRegistration,
  generateRegistration,
  RegistrationError,
  writeRegistration,
} from "../config/registration.ts";
import { ifAlive } from "../util/clock.ts";
import { PrivacyError } from "../util/private-file.ts";

const HELP = `matrix-appservice-msn connects Matrix users to MSN Messenger.

  matrix-appservice-msn -c config.yaml [-r registration.yaml]     runs the bridge
  matrix-appservice-msn -c config.yaml -g [-r registration.yaml]  writes a registration for the homeserver
  matrix-appservice-msn -c config.yaml -g --double-puppet         writes one to act for people with, double-puppet.yaml
  matrix-appservice-msn -c config.yaml rotate-key                 seals the database with a new key, while no bridge runs
  matrix-appservice-msn demo [--once]                             shows everything on this machine, nothing needed

  -c, --config FILE        the configuration; config/config.example.yaml has every option
  -r, --registration FILE  the registration; registration.yaml beside the configuration if not given
  -g, --generate           writes the registration, then ends
      --double-puppet      with -g: writes a second one, by which the bridge can accept invitations for people
      --once               demo: ends by itself, with 0 if every message arrived
  -h, --help               shows this
  -v, --version            shows the version

It ends with 0 after a stop by signal, 2 for a wrong command line, 10 for a wrong configuration, 11 for a registration
that is missing or wrong, 12 when the homeserver refuses it, 13 when the database cannot be used, 14 when the database
is from a newer version, 15 when the port is taken, 16 when Node is too old, 17 when the disk with the database is full,
18 when that disk failed or the database is damaged, 19 when something had not ended in time after a stop by signal, 1
for anything else.`;

const OPTIONS = {
  config: { type: "string", short: "c" },
  registration: { type: "string", short: "r" },
  generate: { type: "boolean", short: "g" },
  "double-puppet": { type: "boolean" },
  once: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

/** Does what the command line says and returns the exit code. Expected errors are one sentence on standard error. */
export async function runCommandLine(args: string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    const { code, text } = await explain(error);
    console.error(text);
    return code;
  }
}

async function run(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args);
  if (values.help === true) return print(HELP);
  if (values.version === true) return print(version());
  const [command, ...more] = positionals;
  if (command === "demo" && more.length === 0) {
    const { runDemo } = await import("../demo/demo.ts");
    return runDemo({ once: values.once === true });
  }
  const isRotation = command === "rotate-key" && more.length === 0;
  if (command !== undefined && !isRotation) throw new UsageError(`There is no command "${positionals.join(" ")}".`);
  if (values.config === undefined) throw new UsageError("Name the configuration with -c config.yaml.");
  const config = readConfig(values.config);
  if (isRotation) {
    const { rotateKey } = await import("../store/rotate-key.ts");
    return print(rotateKey(config.database));
  }
  if (values["double-puppet"] === true) {
    if (values.generate !== true) throw new UsageError("Use --double-puppet together with -g.");
    return generatePuppets(config, values.registration ?? join(dirname(values.config), PUPPET_REGISTRATION));
  }
  const registrationPath = values.registration ?? join(dirname(values.config), "registration.yaml");
  if (values.generate === true) return generate(config, registrationPath);
  // What a bridge needs takes far longer to load than all the rest has to do.
  const { runBridge } = await import("./run-bridge.ts");
  await runBridge(config, values.config, registrationPath);
  return EXIT.ok;
}

function readArguments(
  args: string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? `${error.message}.` : String(error));
  }
}

function generate(config: Config, path: string): number {
  writeRegistration(path, generateRegistration(config));
  return print(
    `Wrote ${path}. Name it in the homeserver's configuration (Synapse: app_service_config_files), restart the ` +
      "homeserver, then start the bridge.",
  );
}

function generatePuppets(config: Config, path: string): number {
  writeRegistration(path, generatePuppetRegistration(config));
  const { domain } = config.homeserver;
  return print(
    `Wrote ${path}. Name it in the homeserver's configuration (Synapse: app_service_config_files) beside the other one ` +
      `and restart the homeserver; then set double_puppet.secrets to { "${domain}": "as_token:..." } with the as_token ` +
      "of that file in place of the dots, and restart the bridge.",
  );
}

const LINGER_MS = 1000;

/** Ends the process if something keeps it alive though its work is over. */
export function endSoon(): void {
  ifAlive(LINGER_MS, () => {
    const what = [...new Set(process.getActiveResourcesInfo())].join(", ");
    console.error(`Something still kept the process alive, which has been ended (${what}).`);
    process.exit();
  });
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return z.object({ version: z.string() }).parse(manifest).version;
}

function print(text: string): number {
  console.log(text);
  return EXIT.ok;
}

class UsageError extends Error {}

async function explain(error: unknown): Promise<{ code: number; text: string }> {
  if (error instanceof UsageError) return { code: EXIT.usage, text: `${error.message} See --help.` };
  if (error instanceof ConfigError) return { code: EXIT.config, text: error.message };
  if (error instanceof PrivacyError) return { code: EXIT.config, text: error.message };
  if (error instanceof RegistrationError) return { code: EXIT.registration, text: error.message };
  if (error instanceof Error) {
    const { exitCodeOf } = await import("./run-bridge.ts");
    const code = exitCodeOf(error);
    if (code !== undefined) return { code, text: error.message };
  }
  return {
    code: EXIT.unexpected,
    text: `Something unexpected happened: ${error instanceof Error ? error.stack : String(error)}`,
  };
}
