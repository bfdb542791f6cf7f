// A program that stands for `synapse_homeserver` where only starting and ending matters. With the setting `fail` it ends
// at once with these words.
import { createHmac } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";

const Config = z.object({
  server_name: z.string(),
  fail: z.string().optional(),
  listeners: z.tuple([z.object({ port: z.number(), bind_addresses: z.tuple([z.literal("127.0.0.1")]) })]),
  app_service_config_files: z.array(z.string()),
  registration_shared_secret: z.string(),
});
const NewUser = z.object({
  nonce: z.literal("a nonce"),
  username: z.string(),
  password: z.string(),
  admin: z.boolean(),
  mac: z.string(),
});

const args = process.argv.slice(2);
const files = args.filter((_, index) => args[index - 1] === "-c");
const [firstFile = ""] = files;
if (args.includes("--generate-config")) {
  writeFileSync(firstFile, JSON.stringify({ server_name: args[args.indexOf("--server-name") + 1] }));
  process.stdout.write("generated\n");
  process.exit(0);
}

const settings = files.map((file): unknown => JSON.parse(readFileSync(file, "utf8")));
const config = Config.parse(Object.assign({}, ...settings));
if (config.fail !== undefined) {
  process.stderr.write(`${config.fail}\n`);
  process.exit(3);
}

type Answer = readonly [status: number, body: unknown];

function register(body: string): Answer {
  const { nonce, username, password, admin, mac } = NewUser.parse(JSON.parse(body));
  const proof = [nonce, username, password, admin ? "admin" : "notadmin"].join("\0");
  const right = createHmac("sha1", config.registration_shared_secret).update(proof).digest("hex");
  if (mac !== right) return [403, { errcode: "M_UNKNOWN", error: "HMAC incorrect" }];
  if (username === "taken") return [400, { errcode: "M_USER_IN_USE", error: "User ID already taken." }];
  return [200, { user_id: `@${username}:${config.server_name}`, access_token: "a token", device_id: "A" }];
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const body = await text(request);
  switch (`${request.method} ${request.url}`) {
    case "GET /_matrix/client/versions":
      return [200, { versions: ["v1.11"] }];
    case "GET /_synapse/admin/v1/register":
      return [200, { nonce: "a nonce" }];
    case "POST /_synapse/admin/v1/register":
      return register(body);
    case "GET /registrations":
      return [200, config.app_service_config_files.map((file) => readFileSync(file, "utf8"))];
    case "POST /crash":
      process.exit(9);
    // falls through: exit does not come back
    default:
      return [404, { errcode: "M_UNRECOGNIZED" }];
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [status, body] = await answer(request);
  response.writeHead(status, { connection: "close" }).end(JSON.stringify(body));
}

const server = createServer((request, response) => void serve(request, response));
const [{ port }] = config.listeners;
server.listen(port, "127.0.0.1", () => {
  appendFileSync(join(dirname(firstFile), "homeserver.log"), `pid ${process.pid}\n`);
});
