import { createHash } from "node:crypto";

/** Numbers that stand for an account on the wire; the same passport always has the same ones. */
interface MemberIds {
  readonly high: number;
  readonly low: number;
  readonly cid: bigint;
}

function memberIds(passport: string): MemberIds {
  const digest = createHash("md5").update(passport.toLowerCase()).digest();
  return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4), cid: digest.readBigInt64BE(8) };
}

export interface ProfileFacts {
  readonly passport: string;
  readonly ticket: string;
  /** Milliseconds since the epoch. */
  readonly now: Date;
  readonly remote: { readonly address: string; readonly port: number };
}

/** The profile that follows a login (docs/msnp.md 2.7). */
export function encodeProfile({ passport, ticket, now, remote }: ProfileFacts): Buffer {
  const { high, low } = memberIds(passport);
  const lines = [
    "MIME-Version: 1.0",
    "Content-Type: text/x-msmsgsprofile; charset=UTF-8",
    `LoginTime: ${Math.floor(now.getTime() / 1000)}`,
    "EmailEnabled: 0",
    `MemberIdHigh: ${high}`,
    `MemberIdLow: ${low}`,
    "lang_preference: 1033",
    "preferredEmail:",
    "country:",
    "PostalCode:",
    "Gender:",
    "Kid: 0",
    "Age:",
    "BDayPre:",
    "Birthday:",
    "Wallet:",
    "Flags: 536872513",
    "sid: 507",
    `MSPAuth: ${ticket}Y6+H31sTUO&p=`,
    `ClientIP: ${remote.address}`,
    `ClientPort: ${remote.port}`,
    "ABCHMigrated: 1",
    "MPOPEnabled: 0",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** The XML that comes with every change of the RL (docs/msnp.md 3.4). */
export function encodeAddressBookNotice(passport: string, now: Date): Buffer {
  const { high, low, cid } = memberIds(passport);
  const pid = [low, high].map((word) => `0x${word.toString(16).padStart(8, "0")}`).join(":");
  const schema = `xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
  const lines = [
    `<NOTIFICATION id="0" siteid="45705" siteurl="http://contacts.msn.com">`,
    `\t<TO pid="${pid}" name="${passport}">`,
    `\t\t<VIA agent="messenger" />`,
    `\t</TO>`,
    `\t<MSG id="0">`,
    `\t\t<SUBSCR url="s.htm" />`,
    `\t\t<ACTION url="a.htm" />`,
    `\t\t<BODY>`,
    `\t\t\t&lt;NotificationData ${schema}&gt;`,
    `\t\t\t\t&lt;Service&gt;ABCHInternal&lt;/Service&gt;`,
    `\t\t\t\t&lt;CID&gt;${cid}&lt;/CID&gt;`,
    `\t\t\t\t&lt;LastModifiedDate&gt;${now.toISOString().slice(0, 19)}Z&lt;/LastModifiedDate&gt;`,
    `\t\t\t\t&lt;HasNewItem&gt;false&lt;/HasNewItem&gt;`,
    `\t\t\t&lt;/NotificationData&gt;`,
    `\t\t</BODY>`,
    `\t</MSG>`,
    `</NOTIFICATION>`,
  ];
  return Buffer.from(lines.join("\r\n"));
}
