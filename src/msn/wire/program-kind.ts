import type { UnsupportedKind } from "../base/unsupported-kind.ts";

// docs/msnp.md 5.1 and 7.1.
const KINDS: Readonly<Record<string, UnsupportedKind>> = {
  "5D3E02AB-6190-11D3-BBBB-00C04F795683": "file",
  "41D3E74E-04A2-4B37-96F8-08ACDB610874": "photos",
  "1C9AA97E-9C05-4583-A3BD-908A196F1E92": "webcam",
  "4BD96FC0-AB17-4425-A14A-439185962DC8": "webcam",
  "02D3C01F-BF30-4825-A83A-DE7AF41648AA": "voice-call",
  "6A13AF9C-5308-4F35-923A-67E8DDA40C2F": "game",
};

/** A GUID as it can be compared: some write it without braces. */
export function bareGuid(guid: string): string {
  return guid.replaceAll(/[{}\s]/gu, "").toUpperCase();
}

/** What a program is for, by its GUID; undefined for those that are not known. */
export function programKind(guid: string): UnsupportedKind | undefined {
  const bare = bareGuid(guid);
  return Object.hasOwn(KINDS, bare) ? KINDS[bare] : undefined;
}
