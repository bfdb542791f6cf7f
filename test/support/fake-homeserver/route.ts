import type { Pusher } from "./pusher.ts";
import type { FakeWorld } from "./world.ts";

interface FakeCall {
  /** Who acts. */
  user: string;
  /** The decoded parts of the path that the route leaves open. */
  args: string[];
  query: URLSearchParams;
  body: Record<string, unknown>;
}

export interface FakeRoute {
  method: string;
  path: RegExp;
  /** Remembers its answer under the path, which ends in a transaction id. */
  once?: boolean;
  /** Needs no token. */
  open?: boolean;
  /** Open to the owner of the token before its user exists. */
  early?: boolean;
  run(call: FakeCall): object | Promise<object>;
}

export interface ClientApiParts {
  world: FakeWorld;
  pusher: Pusher;
  registration: { id: string; hs_token: string };
}

/** A path of the client API: `*` leaves a part open, `?` one that may be empty. */
export function v3(path: string): RegExp {
  return new RegExp(`^/_matrix/client/v3${path.replaceAll("*", "([^/]+)").replaceAll("?", "([^/]*)")}$`);
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
