import { z } from "zod";

/** The bot, as people name it before they tell it something. */
interface Addressee {
  readonly userId: string;
  /** What it is called. */
  readonly name: string;
}

/**
 * What follows the prefix of commands, or the name of the bot; undefined when a text begins with neither.
 * @param isChat whether it would go to a contact otherwise
 */
export function toldTo(
  text: string,
  event: unknown,
  { prefix, ...bot }: Addressee & { readonly prefix: string },
  isChat: boolean,
): string | undefined {
  const named = afterAddress(text, event, bot, isChat);
  return afterPrefix((named ?? text).trimStart(), prefix) ?? named;
}

function afterPrefix(said: string, prefix: string): string | undefined {
  if (!startsWith(said, prefix)) return undefined;
  const behind = said.slice(prefix.length);
  return behind === "" || /^\s/u.test(behind) ? behind.trimStart() : undefined;
}

// Longer than any name of a user with an address around it.
const HEAD_CHARS = 2000;
const PILL =
  /^\s*(?:<(?:p|span|div|strong|b)\b[^>]*>\s*)*<a\b[^>]*\bhref\s*=\s*["']?([^"'\s>]+)["']?[^>]*>([^<]*)<\/a>/iu;
const SHOWN_LINK = /^\[([^\]]*)\]\(([^)\s]*)\)/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };

const content = z.object({
  formatted_body: z.string().optional().catch(undefined),
  "m.new_content": z.object({ formatted_body: z.string() }).optional().catch(undefined),
});

/**
 * What follows when a text begins by naming the bot: with a pill, by its id, or by its name.
 * @param event the content of the event, for the pill
 * @param isSure only what cannot mean another user: a pill or the whole id
 * @returns undefined when it does not begin so
 */
export function afterAddress(text: string, event: unknown, bot: Addressee, isSure: boolean): string | undefined {
  const said = text.trimStart();
  const shown = SHOWN_LINK.exec(said);
  if (shown !== null && isLinkTo(shown[2] ?? "", bot.userId)) return rest(said.slice(shown[0].length));
  const label = pillLabel(event, bot.userId);
  const localpart = bot.userId.slice(1, bot.userId.indexOf(":"));
  // Some clients show a sign before the name in one form of the text only.
  const bare = label?.replace(/^@/u, "");
  const labels = bare === undefined || bare === "" ? [] : [label, bare, `@${bare}`, `@[${bare}]`];
  const names = [...labels, bot.userId, ...(isSure ? [] : [bot.name, `@${localpart}`, localpart, `@${bot.name}`])];
  for (const name of names) {
    if (name === undefined || name === "" || !startsWith(said, name)) continue;
    // The id of another user begins like this.
    if (name.startsWith("@") && /^:\S/u.test(said.slice(name.length)) && name !== bot.userId) continue;
    const after = rest(said.slice(name.length));
    if (after !== undefined) return after;
  }
  return undefined;
}

// Something has to stand between the name and what is said.
function rest(behind: string): string | undefined {
  return /^(?:\s*[:,;：，；]\s*|\s+|$)(.*)$/su.exec(behind)?.[1];
}

function startsWith(text: string, name: string): boolean {
  return text.slice(0, name.length).toLowerCase() === name.toLowerCase();
}

// What a pill of the bot shows, if the text begins with one.
function pillLabel(event: unknown, userId: string): string | undefined {
  const read = content.safeParse(event).data;
  const html = read?.["m.new_content"]?.formatted_body ?? read?.formatted_body;
  if (html === undefined) return undefined;
  const [, href = "", label = ""] = PILL.exec(withoutQuote(html).slice(0, HEAD_CHARS)) ?? [];
  return isLinkTo(href, userId) ? unescape(label).trim() : undefined;
}

// Matrix spec, "Rich replies": old clients put what they answer before what they say.
function withoutQuote(html: string): string {
  const end = html.startsWith("<mx-reply>") ? html.indexOf("</mx-reply>") : -1;
  return end === -1 ? html : html.slice(end + "</mx-reply>".length);
}

// Both forms that the Matrix spec has for the address of a user, "matrix.to navigation" and "Matrix URI scheme".
function isLinkTo(href: string, userId: string): boolean {
  const [, id = ""] = /^(?:https?:\/\/matrix\.to\/#\/|matrix:u\/)([^?]*)/iu.exec(unescape(href)) ?? [];
  try {
    const decoded = decodeURIComponent(id);
    return decoded === userId || `@${decoded}` === userId;
  } catch {
    return false;
  }
}

function unescape(text: string): string {
  return text.replaceAll(/&([a-z0-9#]+);/giu, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
}
