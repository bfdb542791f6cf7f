// An `import` from node:http reads everything that it exports. One of these is WebSocket, which loads all of fetch: 13 MB in
// a bridge that nobody uses yet. TLS takes 4 MB, and a tenth of the start of a bridge whose homeserver is on the same
// machine. So these modules are taken as the objects that they are, and those with TLS when they are first needed.

export const http = process.getBuiltinModule("node:http");

export function https(): typeof import("node:https") {
  return process.getBuiltinModule("node:https");
}

export function tls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}
