import { Homeserver, type HomeserverOptions, type AppserviceRegistration } from "../../src/matrix/homeserver.ts";
import { FakeHomeserver, type FakeHomeserverOptions } from "./fake-homeserver.ts";
import { captureLog, type CapturedLog } from "./captured-log.ts";

export const AS_TOKEN = "as-token-that-nobody-may-see";
export const HS_TOKEN = "hs-token-that-nobody-may-see";

export function testRegistration(): AppserviceRegistration & {
  receive_ephemeral: boolean;
  "de.sorunome.msc2409.push_ephemeral": boolean;
} {
  return {
    id: "msn",
    url: null,
    as_token: AS_TOKEN,
    hs_token: HS_TOKEN,
    sender_localpart: "msnbot",
    namespaces: { users: [{ regex: "^@msn_.*:localhost$", exclusive: true }] },
    rate_limited: false,
    receive_ephemeral: true,
    "de.sorunome.msc2409.push_ephemeral": true,
  };
}

export interface TestHomeservers {
  fake: FakeHomeserver;
  homeserver: Homeserver;
  captured: CapturedLog;
  registered: Set<string>;
  /** Room events that came in, in order. */
  events: unknown[];
  ephemeral: unknown[];
  close(): Promise<void>;
}

/** The fake homeserver and our side of it, listening and knowing each other's address; not started. */
export async function openHomeservers(
  options: Partial<HomeserverOptions> = {},
  fakeOptions: Partial<FakeHomeserverOptions> = {},
): Promise<TestHomeservers> {
  const registration = testRegistration();
  const fake = await FakeHomeserver.start({ registration, ...fakeOptions });
  const captured = captureLog();
  const registered = new Set<string>();
  const events: unknown[] = [];
  const ephemeral: unknown[] = [];
  const homeserver = new Homeserver({
    url: fake.url,
    domain: "localhost",
    registration,
    hostname: "127.0.0.1",
    port: 0,
    log: captured.log,
    ghosts: { isGhost: (userId) => userId.startsWith("@msn_") },
    registrations: registered,
    ...options,
  });
  const close = async (): Promise<void> => {
    await fake.stop();
    await homeserver.close();
  };
  try {
    await homeserver.listen({
      accept: async (some) => Promise.resolve(void events.push(...some)),
      hear: (some) => void ephemeral.push(...some),
    });
  } catch (error) {
    await close();
    throw error;
  }
  fake.setAppserviceUrl(`http://127.0.0.1:${homeserver.port}`);
  return { fake, homeserver, captured, registered, events, ephemeral, close };
}
