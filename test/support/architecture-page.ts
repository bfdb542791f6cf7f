import { dirname } from "node:path";
import { withoutComments, type Files } from "./architecture.ts";

/** The folders, and files in none, that the drawing names, from the top down. */
export function drawnFolders(page: string): string[] {
  const [, drawing = ""] = /^```text\n(.*?)^```/msu.exec(page) ?? [];
  const folders: string[] = [];
  let top = "";
  for (const [, indent = "", name = ""] of drawing.matchAll(/^( *)([\w-]+\/|[\w-]+\.ts)(?= |$)/gmu)) {
    const path = name.replace(/\/$/u, "");
    if (indent === "") top = path;
    folders.push(indent === "" ? path : `${top}/${path}`);
  }
  return folders;
}

/** The folders of `src` that hold files, and the files that are in none. */
export function realFolders(files: Files): string[] {
  return [...new Set([...files.keys()].map((file) => (dirname(file) === "." ? file : dirname(file))))].toSorted();
}

/** Imports that are allowed and go up in the drawing. */
export function upwards(
  drawn: readonly string[],
  folders: readonly { readonly path: string; readonly mayImport: readonly string[] }[],
): string[] {
  return folders.flatMap(({ path, mayImport }) =>
    mayImport
      .map((to) => (drawn.includes(to) ? to : dirname(to)))
      .filter((to) => drawn.includes(to) && drawn.indexOf(to) < drawn.indexOf(path))
      .map((to) => `${path} -> ${to}`),
  );
}

/** Names in the drawings of sequences that are none of a class, or of a method that it has. */
export function wrongSteps(page: string, files: Files): string[] {
  const classes = new Map<string, string>();
  for (const text of files.values()) {
    const code = withoutComments(text);
    for (const [body, name = ""] of code.matchAll(/^export (?:abstract )?class (\w+)[\s\S]*?^\}/gmu))
      classes.set(name, body);
  }
  return [...page.matchAll(/^```mermaid\n(.*?)^```/gmsu)].flatMap(([, drawing = ""]) => {
    const actors = new Set([...drawing.matchAll(/^ *actor (\w+)/gmu)].map(([, name = ""]) => name));
    const steps = [...drawing.matchAll(/^ *(\w+)->>(\w+): (?:(\w+)\(|.*)/gmu)];
    if (steps.length === 0) return ["a drawing without steps"];
    return steps.flatMap(([step, from = "", to = "", method]) => {
      const unknown = [from, to].filter((name) => !actors.has(name) && !classes.has(name));
      if (unknown.length > 0) return unknown.map((name) => `no class ${name}`);
      if (actors.has(from) || actors.has(to)) return [];
      if (method === undefined) return [`no method: ${step.trim()}`];
      const isThere = new RegExp(`^ {2}(?:static |override |async )*${method}(?:<[^>]*>)?\\(`, "mu").test(
        classes.get(to) ?? "",
      );
      return isThere ? [] : [`${to} has no ${method}()`];
    });
  });
}
