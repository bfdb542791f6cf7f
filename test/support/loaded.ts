import { registerHooks } from "node:module";

// Given to a process with `--import`: when it ends, it says which packages and which modules of Node it has loaded.

const packages = new Set<string>();
registerHooks({
  load(url, context, next) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(url) ?? [];
    if (name !== undefined) packages.add(name);
    return next(url, context);
  },
});
process.on("exit", () => {
  const node: unknown = Reflect.get(process, "moduleLoadList");
  console.log(`LOADED ${JSON.stringify({ packages: [...packages], node })}`);
});
