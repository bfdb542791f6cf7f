/** One of MSN's emoticons. */
interface Emoticon {
  /** What is shown for it in Matrix. */
  readonly emoji: string;
  /** How it is typed; the first is what is sent. Capital letters make no difference. */
  readonly codes: readonly string[];
  /** Other emoji that mean the same to a user who has only this one. */
  readonly also?: readonly string[];
}

/** The standard set of MSN Messenger 6 and 7; version 5 has those up to the bat. */
export const EMOTICONS: readonly Emoticon[] = [
  { emoji: "🙂", codes: [":-)", ":)"], also: ["😊", "☺"] },
  { emoji: "😃", codes: [":-D", ":D", ":->", ":>"], also: ["😀", "😄"] },
  { emoji: "😉", codes: [";-)", ";)"] },
  { emoji: "😮", codes: [":-O", ":O"], also: ["😯", "😲"] },
  { emoji: "😛", codes: [":-P", ":P"], also: ["😝", "😜"] },
  { emoji: "😎", codes: ["(H)"] },
  { emoji: "😡", codes: [":-@", ":@"], also: ["😠"] },
  { emoji: "😳", codes: [":-$", ":$"] },
  { emoji: "😕", codes: [":-S", ":S"] },
  { emoji: "🙁", codes: [":-(", ":(", ":-<", ":<"], also: ["☹", "😞"] },
  { emoji: "😢", codes: [":'("], also: ["😭"] },
  { emoji: "😐", codes: [":-|", ":|"] },
  { emoji: "😈", codes: ["(6)"] },
  { emoji: "😇", codes: ["(A)"] },
  { emoji: "❤️", codes: ["(L)"], also: ["♥"] },
  { emoji: "💔", codes: ["(U)"] },
  { emoji: "👥", codes: ["(M)"] },
  { emoji: "🐱", codes: ["(@)"] },
  { emoji: "🐶", codes: ["(&)"] },
  { emoji: "🌙", codes: ["(S)"] },
  { emoji: "⭐", codes: ["(*)"] },
  { emoji: "🎞️", codes: ["(~)"] },
  { emoji: "🎵", codes: ["(8)"] },
  { emoji: "📧", codes: ["(E)"], also: ["✉"] },
  { emoji: "🌹", codes: ["(F)"] },
  { emoji: "🥀", codes: ["(W)"] },
  { emoji: "🕒", codes: ["(O)"] },
  { emoji: "💋", codes: ["(K)"] },
  { emoji: "🎁", codes: ["(G)"] },
  { emoji: "🎂", codes: ["(^)"] },
  { emoji: "📷", codes: ["(P)"] },
  { emoji: "💡", codes: ["(I)"] },
  { emoji: "☕", codes: ["(C)"] },
  { emoji: "📞", codes: ["(T)"], also: ["☎"] },
  { emoji: "🤗", codes: ["({)"] },
  { emoji: "🫂", codes: ["(})"] },
  { emoji: "🍺", codes: ["(B)"] },
  { emoji: "🍸", codes: ["(D)"] },
  { emoji: "👦", codes: ["(Z)"] },
  { emoji: "👧", codes: ["(X)"] },
  { emoji: "👍", codes: ["(Y)"] },
  { emoji: "👎", codes: ["(N)"] },
  { emoji: "🦇", codes: [":-[", ":["] },
  { emoji: "🌞", codes: ["(#)"], also: ["☀"] },
  { emoji: "🌈", codes: ["(R)"] },
  { emoji: "⛓️", codes: ["(%)"] },
  { emoji: "🤐", codes: [":-#"] },
  { emoji: "😬", codes: ["8o|"] },
  { emoji: "🤓", codes: ["8-|"] },
  { emoji: "🤨", codes: ["^o)"] },
  { emoji: "🤫", codes: [":-*"] },
  { emoji: "🤢", codes: ["+o("] },
  { emoji: "🤷", codes: [":^)"] },
  { emoji: "🤔", codes: ["*-)"] },
  { emoji: "🥳", codes: ["<:o)"] },
  { emoji: "🙄", codes: ["8-)"] },
  { emoji: "😴", codes: ["|-)"] },
  { emoji: "🐑", codes: ["(bah)"] },
  { emoji: "🐐", codes: ["(nah)"] },
  { emoji: "🐌", codes: ["(sn)"] },
  { emoji: "🐢", codes: ["(tu)"] },
  { emoji: "🐰", codes: ["('.')"] },
  { emoji: "🍽️", codes: ["(pl)"] },
  { emoji: "🥣", codes: ["(||)"] },
  { emoji: "🍕", codes: ["(pi)"] },
  { emoji: "⚽", codes: ["(so)"] },
  { emoji: "🚗", codes: ["(au)"] },
  { emoji: "✈️", codes: ["(ap)"] },
  { emoji: "☂️", codes: ["(um)"], also: ["☔"] },
  { emoji: "🏝️", codes: ["(ip)"] },
  { emoji: "💻", codes: ["(co)"] },
  { emoji: "📱", codes: ["(mp)"] },
  { emoji: "🔜", codes: ["(brb)"] },
  { emoji: "⛈️", codes: ["(st)"] },
  { emoji: "⚡", codes: ["(li)"] },
  { emoji: "💰", codes: ["(mo)"] },
  { emoji: "🚬", codes: ["(ci)"] },
  { emoji: "🤞", codes: ["(yn)"] },
  { emoji: "✋", codes: ["(h5)"] },
  { emoji: "🎮", codes: ["(xx)"] },
];

// The emoji form of a character that has a text form, and the colours of skin: MSN has neither.
const VARIANT = /\u{FE0F}|[\u{1F3FB}-\u{1F3FF}]/gu;

const bare = (emoji: string): string => emoji.replaceAll(VARIANT, "");
const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
const longestFirst = (words: Iterable<string>): string[] => [...words].toSorted((a, b) => b.length - a.length);

const EMOJI_BY_CODE = new Map(
  EMOTICONS.flatMap(({ emoji, codes }) => codes.map((code) => [code.toLowerCase(), emoji])),
);
const CODE_BY_EMOJI = new Map(
  EMOTICONS.flatMap(({ emoji, codes, also = [] }) => [emoji, ...also].map((one) => [bare(one), codes[0] ?? one])),
);

// Only what stands by itself is meant as an emoticon: `http://x:P` and `f(x)` are not. Several may stand together, and
// the end of a sentence may follow.
const one = (words: Iterable<string>): string => longestFirst(words).map(escaped).join("|");
const alone = (word: string): RegExp => new RegExp(String.raw`(?<!\S)((?:${word})+)(?=[!,.?…]*(?!\S))`, "giu");
const CODE = new RegExp(one(EMOJI_BY_CODE.keys()), "giu");
const CODES = alone(CODE.source);
const EMOJI = new RegExp(`(?:${one(CODE_BY_EMOJI.keys())})(?:${VARIANT.source})*`, "gu");
const EMOJIS = alone(EMOJI.source);

/** A text in which MSN's emoticons have become emoji. */
export function toEmoji(text: string): string {
  return text.replaceAll(CODES, (run) => run.replaceAll(CODE, (code) => EMOJI_BY_CODE.get(code.toLowerCase()) ?? code));
}

/** A text in which the emoji that MSN has are written as its emoticons, where they will be read as such. */
export function toCodes(text: string): string {
  return text.replaceAll(EMOJIS, (run) => run.replaceAll(EMOJI, (emoji) => CODE_BY_EMOJI.get(bare(emoji)) ?? emoji));
}
