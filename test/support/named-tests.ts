import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** What is wrong with a test that a page names, written as `test/a.test.ts` "a title in it". */
export function testProblem(test: string): string | undefined {
  const [, path, title] = /^`(test\/[\w/.-]+\.test\.ts)` "(.+)"$/u.exec(test) ?? [];
  if (path === undefined || title === undefined) return `no test: ${test}`;
  if (!existsSync(join(ROOT, path))) return `there is no ${path}`;
  return readFileSync(join(ROOT, path), "utf8").includes(title) ? undefined : `${path} has no "${title}"`;
}
