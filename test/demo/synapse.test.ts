import { createServer } from "node:net";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { type Synapse, type SynapseOptions, startSynapse } from "../../src/demo/synapse.ts";
import { takePort } from "../../src/demo/port.ts";
import { createLog, silentLog } from "../../src/util/log.ts";
import { WITH_COMPILED } from "../support/compiled.ts";
import { rejection } from "../support/rejection.ts";
import { until } from "../support/until.ts";

const FAKE = fileURLToPath(new URL("./support/fake-synapse.ts", import.meta.url));

async function answers({ url }: Synapse): Promise<boolean> {
  return fetch(`${url}/_matrix/client/versions`).then(
    ({ ok }) => ok,
    () => false,
  );
}

describe("starting and stopping a Synapse", () => {
  let folder: string;
  let running: Synapse[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "msn-synapse-test-"));
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map(async (synapse) => synapse.stop()));
    await rm(folder, { recursive: true, force: true });
  });
  const workFolder = (): string => join(folder, "work");
  const start = async (options: Partial<SynapseOptions> = {}): Promise<Synapse> => {
    const command = {
      argv: [process.execPath, FAKE] as const,
      env: WITH_COMPILED,
      root: "/",
      workFolder: workFolder(),
    };
    const synapse = await startSynapse({
      command,
      serverName: "example.test",
      registrationFiles: [],
      log: silentLog,
      ...options,
    });
    running.push(synapse);
    return synapse;
  };
  it("answers once it is started, registers people, and leaves nothing behind", async () => {
    const synapse = await start();
    expect(synapse.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    const anna = { userId: "@anna:example.test", accessToken: "a token", deviceId: "A" };
    expect(await synapse.registerUser("anna", "pässword")).to.deep.equal(anna);
    expect(await synapse.registerUser("anna", "pässword", true)).to.deep.equal(anna);
    const refusal = await rejection(synapse.registerUser("taken", "secret"));
    expect(refusal.message).to.equal("Synapse refused the registration (400): User ID already taken.");
    expect(await readdir(workFolder())).to.have.length(1);

    await synapse.stop();
    await synapse.stop();
    expect(await readdir(workFolder())).to.deep.equal([]);
    expect(await answers(synapse)).to.equal(false);
    expect(synapse.logTail()).to.match(/^pid \d+\ngenerated$/);
    expect((await rejection(synapse.restart())).message).to.match(/start a new one/);
  });

  it("comes back on the same port after a restart and after a crash", async () => {
    const synapse = await start();
    await synapse.restart();
    expect(await answers(synapse)).to.equal(true);
    await synapse.kill();
    expect(await answers(synapse)).to.equal(false);
    await synapse.kill();
    await synapse.restart();
    expect(await answers(synapse)).to.equal(true);
    expect(new Set(synapse.logTail().match(/\d+/g)).size).to.equal(3);
  });

  it("hands it copies of the registrations", async () => {
    const files = [join(folder, "a.yaml"), join(folder, "b.yaml")];
    for (const file of files) await writeFile(file, `id: ${file}`);
    const synapse = await start({ registrationFiles: files });
    const read: unknown = await (await fetch(`${synapse.url}/registrations`)).json();
    expect(read).to.deep.equal(files.map((file) => `id: ${file}`));
    const missing = await rejection(start({ registrationFiles: [join(folder, "c.yaml")] }));
    expect(missing.message).to.match(/c\.yaml cannot be read/);
    expect(await readdir(workFolder())).to.have.length(1);
  });

  it("says why it does not start, and removes its files", async () => {
    const error = await rejection(start({ extraConfig: '{ "fail": "no such option" }' }));
    expect(error.message).to.match(/did not start: it ended with code 3\..*\n(.*\n)*no such option$/);
    expect(await readdir(workFolder())).to.deep.equal([]);
  });

  it("says that the wanted port is taken", async () => {
    const port = await takePort();
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    expect((await rejection(start({ port }))).message).to.match(new RegExp(`Port ${port} .* another program`));
    other.close();
    await once(other, "close");
    expect((await start({ port })).url).to.equal(`http://127.0.0.1:${port}`);
  });

  it("warns when it ends by itself, and only then", async () => {
    const lines: string[] = [];
    const log = createLog("warn", { write: (line: string) => void lines.push(line) });
    const synapse = await start({ log });
    await synapse.restart();
    await synapse.kill();
    await synapse.restart();
    expect(lines).to.deep.equal([]);
    await fetch(`${synapse.url}/crash`, { method: "POST" }).catch(() => undefined);
    await until("the warning", () => lines.length === 1);
    expect(lines[0]).to.include("Synapse ended by itself: it ended with code 9");
    await synapse.restart();
    expect(await answers(synapse)).to.equal(true);
  });
});
