import { expect } from "chai";

import { TestSandbox } from "../support/sandbox/test-sandbox.ts";
import { RawClient } from "./raw-client.ts";

async function failure(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no failure",
    (error: unknown) => (error instanceof Error ? error.message : "no error"),
  );
}

describe("sandbox", () => {
  it("says which port is taken, and leaves none open", async () => {
    const first = await TestSandbox.start();
    const second = await failure(TestSandbox.start({ ports: { notification: first.port } }));
    expect(second).to.match(new RegExp(`^the sandbox cannot listen on 127.0.0.1:${first.port}: `, "u"));
    await first.stop();
    const third = await TestSandbox.start({ ports: { notification: first.port } });
    expect(third.port).to.equal(first.port);
    await third.stop();
  });

  it("refuses accounts that are no e-mail address or there already", async () => {
    const mia = { passport: "mia@example.com", password: "x" };
    expect(await failure(TestSandbox.start({ accounts: [mia, { ...mia, passport: "MIA@example.com" }] }))).to.contain(
      "already",
    );
    const sandbox = await TestSandbox.start({ accounts: [mia] });
    expect(() => sandbox.addAccount({ passport: "mia", password: "x" })).to.throw("no e-mail address");
    expect(() => sandbox.befriend("mia@example.com", "nobody@example.com")).to.throw("no account nobody@example.com");
    await sandbox.stop();
  });

  it("closes all connections when it stops", async () => {
    const sandbox = await TestSandbox.start();
    const client = await RawClient.connect(sandbox.port);
    const page = await fetch(sandbox.nexusUrl);
    await page.arrayBuffer();
    await sandbox.stop();
    await client.readEnd();
    expect(await failure(fetch(sandbox.nexusUrl))).to.equal("fetch failed");
  });
});
