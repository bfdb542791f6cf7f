// An `import` from node:http reads everything that it exports. One of these is WebSocket, which loads all of fetch: 13 MB in
// a bridge that nobody uses yet. So the modules are taken as the objects that they are.
export const http = process.getBuiltinModule("node:http");
export const https = process.getBuiltinModule("node:https");
