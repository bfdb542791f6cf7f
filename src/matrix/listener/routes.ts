import { HttpRefusal } from "./http-answer.ts";

/** What the homeserver asks of us (Matrix spec, Application Service API), and `media`, which is open to all. */
export type Route =
  | { name: "transaction" }
  | { name: "ping" }
  | { name: "user"; id: string }
  | { name: "room" }
  | { name: "thirdparty" }
  | { name: "media"; rest: string };

interface Pattern {
  path: RegExp;
  method: string;
  make: (id: string) => Route;
}

const PATTERNS: Pattern[] = [
  { path: /^\/_matrix\/app\/v1\/transactions\/([^/]+)$/, method: "PUT", make: () => ({ name: "transaction" }) },
  { path: /^\/_matrix\/app\/v1\/ping$/, method: "POST", make: () => ({ name: "ping" }) },
  { path: /^\/_matrix\/app\/v1\/users\/([^/]+)$/, method: "GET", make: (id) => ({ name: "user", id }) },
  { path: /^\/_matrix\/app\/v1\/rooms\/([^/]+)$/, method: "GET", make: () => ({ name: "room" }) },
  { path: /^\/_matrix\/app\/v1\/thirdparty\/(.+)$/, method: "GET", make: () => ({ name: "thirdparty" }) },
];

// What follows is not decoded here: everything that is wrong with it gets the same answer.
const PUBLIC_MEDIA = /^\/_matrix\/msn\/media\/(.*)$/;

/** @throws HttpRefusal 404 for an unknown path, 405 for a wrong method, 400 for a path that cannot be decoded */
export function findRoute(method: string, url: string): Route {
  const path = url.split("?", 1)[0] ?? "";
  const rest = PUBLIC_MEDIA.exec(path)?.[1];
  if (rest !== undefined) {
    if (method === "GET" || method === "HEAD") return { name: "media", rest };
    throw new HttpRefusal(405, "M_UNRECOGNIZED", "This wants GET or HEAD.", { allow: "GET, HEAD" });
  }
  for (const pattern of PATTERNS) {
    const found = pattern.path.exec(path);
    if (found === null) continue;
    if (pattern.method !== method) {
      throw new HttpRefusal(405, "M_UNRECOGNIZED", `This wants ${pattern.method}.`, { allow: pattern.method });
    }
    return pattern.make(decode(found[1] ?? ""));
  }
  throw new HttpRefusal(404, "M_UNRECOGNIZED", "There is nothing here.");
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new HttpRefusal(400, "M_INVALID_PARAM", "The path cannot be decoded.");
  }
}
