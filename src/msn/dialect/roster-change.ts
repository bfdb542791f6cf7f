import type { Status } from "../base/status.ts";

/** Forward (our contacts), allow, block and reverse (those who have us) list. */
export type ListName = "FL" | "AL" | "BL" | "RL";

/** Home, work and mobile phone; whether pages may be sent; whether the mobile is enabled (docs/msnp.md 3.4). */
export const PHONES = ["PHH", "PHW", "PHM", "MOB", "MBE"] as const;
export type Phone = (typeof PHONES)[number];

/** One thing the server said about the roster. */
export type RosterChange =
  | {
      readonly type: "contact";
      account: string;
      /** The server's own name for them, in dialects that have one. */
      id?: string;
      name: string;
      lists: ReadonlySet<ListName>;
      groups: ReadonlySet<string>;
    }
  | { readonly type: "group"; id: string; name: string }
  | { readonly type: "group-removed"; id: string }
  | { readonly type: "presence"; account: string; status: Status; name: string; capabilities: number }
  | { readonly type: "offline"; account: string }
  /** `account` undefined: the contact of the last list line. An empty value clears it. */
  | { readonly type: "phone"; account: string | undefined; phone: Phone; value: string }
  | { readonly type: "own-phone"; phone: Phone; value: string }
  | { readonly type: "privacy"; privacy: "AL" | "BL" }
  | { readonly type: "asks-on-add"; asksOnAdd: boolean }
  | { readonly type: "listed"; list: ListName; account: string; id?: string; name: string; group: string | undefined }
  | { readonly type: "unlisted"; list: ListName; account: string; group: string | undefined }
  | { readonly type: "version"; version: number };
