import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openStore } from "../../src/store/store.ts";
import { EXIT } from "../../src/util/exit-codes.ts";
import { systemClock } from "../../src/util/clock.ts";
import { BridgeProcess } from "../support/bridge-process.ts";
import { timesOf } from "../support/calendars.ts";
import { SMALLEST_CONFIG } from "../support/smallest-config.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { makeOlderDatabase } from "../store/support/older-database.ts";
import { expectWhole } from "../store/support/sealed-values.ts";

const KILLER = new URL("../support/kill-at.ts", import.meta.url).href;
const MOST = 80;

describe("rotate-key", () => {
  const folder = tempFolder();
  after(folder.remove);
  const path = join(folder.path, "msn.db");
  const keyFile = `${path}.key`;
  const config = join(folder.path, "config.yaml");
  const open = (): void => {
    const store = openStore({ path, keyFile, ...timesOf(systemClock) });
    expectWhole(store);
    store.close();
  };

  before(() => {
    writeFileSync(config, SMALLEST_CONFIG);
    makeOlderDatabase(path, keyFile);
    open();
  });

  it("killed at any step leaves a database and a key that belong together", async () => {
    const outcomes: string[] = [];
    for (let step = 1; step <= MOST; step += 1) {
      const before = readFileSync(keyFile);
      const child = new BridgeProcess(["-c", config, "rotate-key"], { preload: `${KILLER}?${step}` });
      const code = await child.ends();
      open();
      expect(existsSync(`${keyFile}.next`), `a second key after step ${step}`).to.equal(false);
      outcomes.push(readFileSync(keyFile).equals(before) ? "old" : "new");
      if (code === null) continue;
      expect({ code, output: child.output }).to.deep.include({ code: EXIT.ok });
      expect(child.output).to.match(/^There is a new key in .*\n$/u);
      break;
    }
    // It was killed before and after the change became the right one, and did not reach the limit.
    expect(outcomes.length).to.be.within(10, MOST - 1);
    expect([outcomes[0], outcomes.at(-1)]).to.deep.equal(["old", "new"]);
    expect(outcomes.join(" ")).to.match(/^(?:old )+(?:new ?)+$/u);
  });

  it("says in one sentence what it needs", async () => {
    const [bare, other] = [["rotate-key"], ["-c", config, "rotate-key", "now"]].map((args) => new BridgeProcess(args));
    expect(await bare?.ends()).to.equal(EXIT.usage);
    expect(await other?.ends()).to.equal(EXIT.usage);
    const none = join(folder.path, "none.yaml");
    writeFileSync(none, `${SMALLEST_CONFIG}\ndatabase: { uri: none.db }\n`);
    const without = new BridgeProcess(["-c", none, "rotate-key"]);
    expect(await without.ends()).to.equal(EXIT.database);
    expect(without.output).to.match(/^There is no database .*none\.db, so there is no key to be changed\.\n$/u);
  });
});
