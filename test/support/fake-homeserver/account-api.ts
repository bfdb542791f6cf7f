import { text, v3, type ClientApiParts, type FakeRoute } from "./route.ts";
import { FakeRefusal, type FakeWorld } from "./world.ts";

/** Accounts, profiles, presence, and the appservice itself. */
export function accountRoutes({ world, pusher, registration }: ClientApiParts): FakeRoute[] {
  return [
    {
      method: "GET",
      path: /^\/_matrix\/client\/versions$/,
      open: true,
      early: true,
      run: () => ({ versions: ["v1.11", "v1.12"], unstable_features: {} }),
    },
    { method: "GET", path: v3("/account/whoami"), early: true, run: ({ user }) => ({ user_id: user }) },
    {
      method: "POST",
      path: v3("/register"),
      early: true,
      run: ({ body }) => register(world, body),
    },
    {
      method: "POST",
      path: /^\/_matrix\/client\/v1\/appservice\/([^/]+)\/ping$/,
      early: true,
      run: async ({ args, body }) => ping(pusher.url, registration, args[0] ?? "", body),
    },
    {
      method: "PUT",
      path: v3("/profile/*/displayname"),
      run({ user, args: [who = ""], body }) {
        if (who !== user) throw new FakeRefusal(400, "M_FORBIDDEN", "Cannot set another user's displayname");
        world.displayNames.set(user, text(body["displayname"]) ?? "");
        return {};
      },
    },
    {
      method: "GET",
      path: v3("/profile/*/displayname"),
      run({ args: [who = ""] }) {
        if (!world.users.has(who)) throw new FakeRefusal(404, "M_NOT_FOUND", "Profile was not found");
        const displayname = world.displayNames.get(who);
        return displayname === undefined ? {} : { displayname };
      },
    },
    {
      method: "GET",
      path: v3("/user/*/account_data/*"),
      run({ user, args: [who = "", type = ""] }) {
        if (who !== user) throw new FakeRefusal(403, "M_FORBIDDEN", "Cannot get account data for other users.");
        const content = world.accountData.get(user)?.get(type);
        if (content === undefined) throw new FakeRefusal(404, "M_NOT_FOUND", "Account data not found");
        return content;
      },
    },
    {
      method: "PUT",
      path: v3("/user/*/account_data/*"),
      run({ user, args: [who = "", type = ""], body }) {
        if (who !== user) throw new FakeRefusal(403, "M_FORBIDDEN", "Cannot add account data for other users.");
        world.accountData.set(user, new Map(world.accountData.get(user)).set(type, body));
        return {};
      },
    },
    {
      method: "PUT",
      path: v3("/presence/*/status"),
      run({ user, body }) {
        const status = text(body["status_msg"]);
        const presence = {
          presence: text(body["presence"]) ?? "online",
          ...(status !== undefined && { status_msg: status }),
        };
        if (world.presence.set(user, presence))
          pusher.addEphemeral({ type: "m.presence", sender: user, content: presence });
        return {};
      },
    },
    {
      method: "GET",
      path: v3("/presence/*/status"),
      run: ({ args: [who = ""] }) => world.presence.of(who),
    },
  ];
}

function register(world: FakeWorld, body: Record<string, unknown>): object {
  const userId = `@${text(body["username"]) ?? ""}:${world.domain}`;
  if (body["type"] !== "m.login.application_service") throw new FakeRefusal(401, "M_UNKNOWN", "No such flow");
  if (body["inhibit_login"] !== true) throw new FakeRefusal(400, "M_APPSERVICE_LOGIN_UNSUPPORTED", "Set inhibit_login");
  if (world.users.has(userId)) throw new FakeRefusal(400, "M_USER_IN_USE", "User ID already taken.");
  world.users.add(userId);
  return { user_id: userId };
}

async function ping(
  url: string | null,
  registration: { id: string; hs_token: string },
  id: string,
  body: Record<string, unknown>,
): Promise<object> {
  if (id !== registration.id) throw new FakeRefusal(403, "M_FORBIDDEN", "Appservice ID mismatch");
  if (url === null) throw new FakeRefusal(400, "M_URL_NOT_SET", "The application service does not have a URL set");
  const begin = Date.now();
  let response: Response;
  try {
    response = await fetch(`${url}/_matrix/app/v1/ping`, {
      method: "POST",
      headers: { authorization: `Bearer ${registration.hs_token}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new FakeRefusal(502, "M_CONNECTION_FAILED", "Failed to connect to the application service");
  }
  await response.arrayBuffer();
  if (response.status !== 200) throw new FakeRefusal(502, "M_BAD_STATUS", `HTTP ${response.status}`);
  return { duration_ms: Date.now() - begin };
}
