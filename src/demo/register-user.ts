import { createHmac } from "node:crypto";
import * as z from "zod";

export interface NewUser {
  readonly localpart: string;
  readonly password: string;
  readonly admin: boolean;
}

export interface RegisteredUser {
  readonly userId: string;
  readonly accessToken: string;
  readonly deviceId: string;
}

const LIMIT_MS = 30_000;
const Nonce = z.object({ nonce: z.string() });
const Registered = z.object({ user_id: z.string(), access_token: z.string(), device_id: z.string() });
const Refusal = z.object({ error: z.string() });

/** Registers a user with Synapse's shared secret (Synapse manual, "Shared-Secret Registration"). */
export async function registerUser(url: string, sharedSecret: string, user: NewUser): Promise<RegisteredUser> {
  const endpoint = `${url}/_synapse/admin/v1/register`;
  const { nonce } = Nonce.parse(await answerOf(await fetch(endpoint, { signal: AbortSignal.timeout(LIMIT_MS) })));
  const role = user.admin ? "admin" : "notadmin";
  const mac = createHmac("sha1", sharedSecret).update([nonce, user.localpart, user.password, role].join("\0"));
  const body = { nonce, username: user.localpart, password: user.password, admin: user.admin, mac: mac.digest("hex") };
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const answer = Registered.parse(await answerOf(response));
  return { userId: answer.user_id, accessToken: answer.access_token, deviceId: answer.device_id };
}

async function answerOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  const refusal = Refusal.safeParse(body);
  const reason = refusal.success ? refusal.data.error : "no reason given";
  throw new Error(`Synapse refused the registration (${response.status}): ${reason}`);
}
