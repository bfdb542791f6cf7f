import { stringify } from "yaml";
import type { TestSandbox } from "./sandbox/test-sandbox.ts";

export interface Ports {
  bridgePort: number;
  homeserverPort: number;
}

/**
 * A configuration of a bridge on loopback: Eve is blocked, Ada looks after the bridge, one network is the sandbox, the
 * other is not there.
 * @param ca the file with the authority of the sandbox
 * @param keys what else stands there, by section
 */
export function configText(
  { bridgePort, homeserverPort }: Ports,
  sandbox?: TestSandbox,
  ca?: string,
  { bridge, ...keys }: Record<string, object> = {},
): string {
  const nowhere = { id: "nowhere", name: "Nowhere", host: "127.0.0.1", port: 1, nexusUrl: "http://127.0.0.1:1/nexus" };
  const { host, port, nexusUrl } = sandbox ?? nowhere;
  const authority = ca === undefined ? {} : { ca };
  return stringify({
    homeserver: { address: `http://127.0.0.1:${homeserverPort}`, domain: "localhost" },
    appservice: { address: `http://127.0.0.1:${bridgePort}`, port: bridgePort },
    bridge: { permissions: { localhost: "user", "@eve:localhost": "block", "@ada:localhost": "admin" }, ...bridge },
    logging: { min_level: "trace" },
    msn: {
      servers: [{ id: "sandbox", name: "Sandbox", host, port, nexusUrl, throttles: false, ...authority }, nowhere],
    },
    ...keys,
  });
}
