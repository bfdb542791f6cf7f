import type { TestSandbox } from "../support/sandbox/test-sandbox.ts";
import { getTicket, play, RawClient } from "./raw-client.ts";

export const VERSIONS = `C: VER 1 MSNP8 CVR0
  S: VER 1 MSNP8 CVR0
  C: CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS x@example.com
  S: CVR 2 5.0.0544 5.0.0544 5.0.0544 https://msn.example.net https://msn.example.net
  `;

/** Where the dispatch server of an official sandbox sends its clients. */
export async function referral(sandbox: TestSandbox, passport: string): Promise<number> {
  const client = await RawClient.connect(sandbox.port);
  const facts = { me: passport, entrance: String(sandbox.port) };
  const dialogue = `${VERSIONS}C: USR 3 TWN I <me>
    S: XFR 3 NS 127.0.0.1:<port> 0 127.0.0.1:<entrance>
    S: END`;
  return Number((await play(client, dialogue, facts))["port"]);
}

/** Signs in to an official sandbox; the next command is numbered 5. */
export async function signInOfficially(sandbox: TestSandbox, passport: string): Promise<RawClient> {
  const client = await RawClient.connect(await referral(sandbox, passport));
  const login = `${VERSIONS}C: USR 3 TWN I <me>
    S: USR 3 TWN S ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1
    C: USR 4 TWN S <ticket>
    S: USR 4 OK <me> <name> 1 0
    S: MSG Hotmail Hotmail <length>`;
  await play(client, login, { me: passport, ticket: await getTicket(sandbox, passport) });
  return client;
}

/** The same, then online; the next command is numbered 6. The challenge has come and is not answered. */
export async function goOnlineOfficially(sandbox: TestSandbox, passport: string): Promise<RawClient> {
  const client = await signInOfficially(sandbox, passport);
  await play(client, "C: CHG 5 NLN 0\nS: CHG 5 NLN 0");
  for (;;) {
    const { line } = await client.read();
    if (line.startsWith("CHL 0 ")) return client;
  }
}
