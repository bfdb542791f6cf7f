import { decodeArgument, encodeArgument } from "../wire/command.ts";

const FAMILIES = ["roman", "swiss", "modern", "script", "decorative"] as const;
const PITCHES = ["fixed", "variable"] as const;
const EFFECTS = [
  ["bold", "B"],
  ["italic", "I"],
  ["underline", "U"],
  ["strike", "S"],
] as const;

/** The kind of font to take where the named one is missing: with serifs, without, typewriter, handwriting, ornaments. */
export type FontFamily = (typeof FAMILIES)[number];
export type FontPitch = (typeof PITCHES)[number];

/** How the whole of a text looks (docs/msnp.md 4.5). What is missing is left to the reader's client. */
export interface TextStyle {
  /** The name of a font, at most 31 characters. */
  readonly font?: string;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strike: boolean;
  /** `#rrggbb` in lower case. */
  readonly color?: string;
  /** The number of the font's Windows character set, 0 to 255. It says nothing about the text, which is Unicode. */
  readonly charset?: number;
  readonly family?: FontFamily;
  readonly pitch?: FontPitch;
  readonly rightToLeft: boolean;
}

/** What clients of this age send when nobody chose anything. */
export const DEFAULT_STYLE: TextStyle = {
  font: "MS Shell Dlg",
  bold: false,
  italic: false,
  underline: false,
  strike: false,
  color: "#000000",
  charset: 0,
  rightToLeft: false,
};

// Windows has no fonts with longer names.
const MAX_FONT = 31;
const MAX_CHARSET = 0xff;

/** Reads an `X-MMS-IM-Format`. Never fails: what is missing or unreadable is left out; of a doubled key the first counts. */
export function parseTextStyle(header: string): TextStyle {
  const pairs = pairsOf(header);
  const effects = pairs.get("EF")?.toUpperCase() ?? "";
  const font = fontName(decodeArgument(pairs.get("FN") ?? ""));
  const color = parseColor(pairs.get("CO") ?? "");
  const charset = parseCharset(pairs.get("CS") ?? "");
  const { family, pitch } = parseFamily(pairs.get("PF") ?? "");
  return {
    ...(font !== "" && { font }),
    bold: effects.includes("B"),
    italic: effects.includes("I"),
    underline: effects.includes("U"),
    strike: effects.includes("S"),
    ...(color !== undefined && { color }),
    ...(charset !== undefined && { charset }),
    ...(family !== undefined && { family }),
    ...(pitch !== undefined && { pitch }),
    rightToLeft: pairs.get("RL") === "1",
  };
}

/**
 * Writes an `X-MMS-IM-Format`. Every key but the last is always there, if need be without a value, since some clients
 * read them by position (docs/msnp.md 8.3). A colour or character set that is none is left out, a font's name is cut.
 */
export function encodeTextStyle(style: TextStyle): string {
  const pairs = [
    `FN=${encodeArgument(fontName(style.font ?? ""))}`,
    `EF=${EFFECTS.map(([effect, letter]) => (style[effect] ? letter : "")).join("")}`,
    `CO=${encodeColor(style.color ?? "")}`,
    `CS=${encodeCharset(style.charset)}`,
    `PF=${encodeFamily(style)}`,
  ];
  return [...pairs, ...(style.rightToLeft ? ["RL=1"] : [])].join("; ");
}

function pairsOf(header: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    const key = pair.slice(0, Math.max(equals, 0)).trim().toUpperCase();
    if (key !== "" && !pairs.has(key)) pairs.set(key, pair.slice(equals + 1).trim());
  }
  return pairs;
}

function fontName(name: string): string {
  return Array.from(name.toWellFormed()).slice(0, MAX_FONT).join("");
}

// On the wire red is the last pair of digits, and leading zeros may be missing.
function parseColor(value: string): string | undefined {
  const digits = /^0*([0-9a-f]{1,6})$/iu.exec(value)?.[1]?.toLowerCase().padStart(6, "0");
  return digits === undefined ? undefined : `#${swapRedAndBlue(digits)}`;
}

function encodeColor(color: string): string {
  const digits = /^#([0-9a-f]{6})$/iu.exec(color)?.[1]?.toLowerCase();
  return digits === undefined ? "" : swapRedAndBlue(digits).replace(/^0{1,5}/u, "");
}

function swapRedAndBlue(digits: string): string {
  return `${digits.slice(4)}${digits.slice(2, 4)}${digits.slice(0, 2)}`;
}

function parseCharset(value: string): number | undefined {
  const digits = /^0*([0-9a-f]{1,2})$/iu.exec(value)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

function encodeCharset(charset = -1): string {
  return Number.isInteger(charset) && charset >= 0 && charset <= MAX_CHARSET ? charset.toString(16) : "";
}

// Two digits, family and pitch; 0 stands for no wish.
function parseFamily(value: string): { family: FontFamily | undefined; pitch: FontPitch | undefined } {
  const [family, pitch] = /^\d{1,2}$/u.test(value) ? value.padStart(2, "0") : "00";
  return { family: FAMILIES[Number(family) - 1], pitch: PITCHES[Number(pitch) - 1] };
}

function encodeFamily({ family, pitch }: TextStyle): string {
  const familyDigit = family === undefined ? 0 : FAMILIES.indexOf(family) + 1;
  const pitchDigit = pitch === undefined ? 0 : PITCHES.indexOf(pitch) + 1;
  return String(familyDigit * 10 + pitchDigit);
}
