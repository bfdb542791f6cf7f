import { z } from "zod";
import { cleanText, excerpt } from "./clean.ts";

const described = z.object({
  description: z.string().optional().catch(undefined),
  uri: z.string().optional().catch(undefined),
});
const location = z.object({
  body: z.string().optional().catch(undefined),
  geo_uri: z.string().optional().catch(undefined),
  "m.location": described.optional().catch(undefined),
  "org.matrix.msc3488.location": described.optional().catch(undefined),
});

const GEO = /^geo:(-?\d{1,3}(?:\.\d{1,15})?),(-?\d{1,3}(?:\.\d{1,15})?)(?:[,;]|$)/iu;
const MAX_DESCRIPTION = 200;

/** A place as a text with a link to a map; undefined if no place is named. */
export function locationText(content: unknown): string | undefined {
  const read = location.safeParse(content).data;
  const newer = read?.["m.location"] ?? read?.["org.matrix.msc3488.location"];
  const map = mapLink(newer?.uri ?? read?.geo_uri ?? "");
  if (map === undefined) return undefined;
  const words = excerpt(cleanText(newer?.description ?? read?.body ?? ""), MAX_DESCRIPTION);
  // Clients that were told nothing repeat the coordinates.
  return words === "" || words.includes("geo:") ? `Location: ${map}` : `${words} ${map}`;
}

function mapLink(uri: string): string | undefined {
  const [, latitude = "", longitude = ""] = GEO.exec(uri.trim()) ?? [];
  if (latitude === "" || Math.abs(Number(latitude)) > 90 || Math.abs(Number(longitude)) > 180) return undefined;
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}`;
}
