"use strict";

// The bot SDK requires this package when it loads, long before anything is encrypted. The real one downloads a
// native library during its install; this bridge does not encrypt, so it needs only something that loads.
// Symbols, `__esModule` and `then` are what module loaders and promises look at: they must not throw.
const quiet = new Set(["__esModule", "then"]);

module.exports = new Proxy(
  { StoreType: { Sqlite: 0 } },
  {
    get(target, name) {
      if (typeof name === "symbol" || quiet.has(name)) return undefined;
      if (name in target) return target[name];
      throw new Error("end-to-bridge encryption is not built in");
    },
  },
);
