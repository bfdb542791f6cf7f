import { join } from "node:path";
import { parseConfig, type Config } from "../../../src/config.ts";
import { takePort } from "../../../src/demo/port.ts";
import { generateRegistration, writeRegistration, type Registration } from "../../../src/registration.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { configText, type Ports } from "../../support/config-text.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** A place that a Synapse keeps for one bridge: its registration, and the ports on which they expect each other. */
export interface BridgeSeat extends Ports {
  readonly registration: Registration;
  /** The registration as a file. */
  readonly file: string;
  /** The configuration of a bridge in this place, with a new and empty folder for its data. */
  config(sandbox: Sandbox): Config;
  remove(): void;
}

export async function makeBridgeSeat(): Promise<BridgeSeat> {
  const folders = [tempFolder()];
  const file = join(folders[0]?.path ?? "", "registration.yaml");
  const ports = { bridgePort: await takePort(), homeserverPort: await takePort() };
  const configIn = (folder: string, sandbox?: Sandbox): Config =>
    parseConfig(configText(ports, sandbox), join(folder, "config.yaml"));
  const registration = generateRegistration(configIn("."));
  writeRegistration(file, registration);
  const config = (sandbox: Sandbox): Config => {
    const folder = tempFolder();
    folders.push(folder);
    return configIn(folder.path, sandbox);
  };
  return { ...ports, registration, file, config, remove: () => folders.forEach((folder) => folder.remove()) };
}
