import { z } from "zod";
import { escapeHtml } from "./styled-html.ts";

// An address of a user, as a link of matrix.to or of the scheme (Matrix spec, Appendices, "matrix.to navigation" and
// "Matrix URI scheme"). All parts have limits, so that no text can be tried with many ends.
const PERSON = String.raw`https:\/\/matrix\.to\/#\/((?:@|%40)[^"'\s<>()\/?]{1,500})|matrix:u\/([^"'\s<>()\/?]{1,500})`;
const REST = String.raw`(?:[\/?][^"'\s<>()]{0,500})?`;
const IN_HTML = new RegExp(
  String.raw`<a\s[^<>]{0,300}?href\s?=\s?(["'])(?:${PERSON})${REST}\1[^<>]{0,300}>((?:(?!<\/?a[\s>])[^]){0,500})<\/a\s?>`,
  "giu",
);
const IN_TEXT = new RegExp(
  String.raw`\[[^\[\]\n]{1,300}\]\((?:${PERSON})${REST}\)|(?<![\w(])(?:${PERSON})${REST}`,
  "giu",
);

// No message speaks to more users than this.
const MAX_PEOPLE = 20;

const written = z.object({
  body: z.string().optional().catch(undefined),
  formatted_body: z.string().optional().catch(undefined),
});
const newContent = z.looseObject({}).optional().catch(undefined);
type Content = Readonly<Record<string, unknown>>;

// Few texts name anybody, and each is looked at several times on its way.
const PERHAPS_NAMED = /matrix(?:\.to|:u\/)/iu;

/** The ids of the people whom the content of an event names by links, as clients do in mentions. */
export function peopleIn(content: Content): string[] {
  const people = new Set<string>();
  withNames(content, (userId) => {
    people.add(userId);
    return undefined;
  });
  return [...people].slice(0, MAX_PEOPLE);
}

/** The content with names in place of links to people; those without a name stay as they are. */
export function withNames(content: Content, nameOf: (userId: string) => string | undefined): Content {
  const after = newContent.parse(content["m.new_content"]);
  return {
    ...content,
    ...named(content, nameOf),
    ...(after !== undefined && { "m.new_content": { ...after, ...named(after, nameOf) } }),
  };
}

function named(content: unknown, nameOf: (userId: string) => string | undefined): Record<string, string> {
  const { body, formatted_body: html } = written.parse(content);
  if (![body, html].some((text) => text !== undefined && PERHAPS_NAMED.test(text))) return {};
  return {
    ...(body !== undefined && {
      body: body.replaceAll(
        IN_TEXT,
        (whole: string, ...groups: unknown[]) => nameIn(groups.slice(0, 4), nameOf) ?? whole,
      ),
    }),
    ...(html !== undefined && {
      formatted_body: html.replaceAll(IN_HTML, (whole: string, ...groups: unknown[]) => {
        const name = nameIn(groups.slice(1, 3), nameOf);
        return name === undefined ? whole : escapeHtml(name);
      }),
    }),
  };
}

/** The name of the user of whom one of the groups of an expression holds the id. */
function nameIn(groups: readonly unknown[], nameOf: (userId: string) => string | undefined): string | undefined {
  const found = groups.find((group) => typeof group === "string");
  if (typeof found !== "string") return undefined;
  const userId = decoded(found);
  return userId === undefined ? undefined : nameOf(userId);
}

function decoded(part: string): string | undefined {
  try {
    const id = decodeURIComponent(part.replaceAll("&amp;", "&"));
    const userId = id.startsWith("@") ? id : `@${id}`;
    return /^@[^:\s]+:\S+$/u.test(userId) ? userId : undefined;
  } catch {
    return undefined;
  }
}
