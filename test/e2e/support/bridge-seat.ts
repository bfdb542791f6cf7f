import { join } from "node:path";
import { parseConfig, type Config } from "../../../src/config/config.ts";
import { takePort } from "../../../src/demo/port.ts";
import {
  generatePuppetRegistration,
  generateRegistration,
  writeRegistration,
  type Registration,
} from "../../../src/config/registration.ts";
import type { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { configText, type Ports } from "../../support/config-text.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** A place that a Synapse keeps for one bridge: its registration, and the ports on which they expect each other. */
export interface BridgeSeat extends Ports {
  readonly registration: Registration;
  /** The registration as a file. */
  readonly file: string;
  /** The one by which the bridge may act for people, and its file. */
  readonly puppets: { readonly registration: Registration; readonly file: string };
  /**
   * The configuration of a bridge in this place, with a new and empty folder for its data.
   * @param keys what else stands there, by section
   */
  config(sandbox: TestSandbox, keys?: Record<string, object>): Config;
  remove(): void;
}

export async function makeBridgeSeat(): Promise<BridgeSeat> {
  const folders = [tempFolder()];
  const fileNamed = (name: string): string => join(folders[0]?.path ?? "", name);
  const file = fileNamed("registration.yaml");
  const ports = { bridgePort: await takePort(), homeserverPort: await takePort() };
  const configIn = (folder: string, sandbox?: TestSandbox, keys?: Record<string, object>): Config =>
    parseConfig(configText(ports, sandbox, undefined, keys), join(folder, "config.yaml"));
  const registration = generateRegistration(configIn("."));
  writeRegistration(file, registration);
  const puppets = { registration: generatePuppetRegistration(configIn(".")), file: fileNamed("double-puppet.yaml") };
  writeRegistration(puppets.file, puppets.registration);
  const config = (sandbox: TestSandbox, keys?: Record<string, object>): Config => {
    const folder = tempFolder();
    folders.push(folder);
    return configIn(folder.path, sandbox, keys);
  };
  const remove = (): void => folders.forEach((folder) => folder.remove());
  return { ...ports, registration, file, puppets, config, remove };
}
