import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { packageLists, packageLock, type PackageLists, type PackageLock } from "./packages.ts";

const ROOT = join(import.meta.dirname, "../..");

export function readLists(): PackageLists {
  return packageLists.parse(parse(readFileSync(join(ROOT, "packages.yaml"), "utf8")));
}

export function readLock(): PackageLock {
  return packageLock.parse(JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")));
}
