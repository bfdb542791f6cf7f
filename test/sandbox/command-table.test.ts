import { expect } from "chai";

import { runCommand, type CommandTable } from "../../src/sandbox/command-table.ts";
import { silentLog } from "../../src/util/log.ts";

describe("sandbox command table", () => {
  const ran: string[] = [];
  const table: CommandTable<string> = {
    ADD: { least: 1, most: 2, run: (session, args) => ran.push(`${session} ${args.join(" ")}`) },
    BAD: {
      least: 0,
      most: 0,
      run: () => {
        throw new Error("a mistake of the sandbox");
      },
    },
  };
  const run = (name: string, ...args: string[]): void => runCommand(table, "mia", { name, args }, silentLog);

  it("runs only commands it knows, with as many arguments as they take, and survives those that fail", () => {
    run("ADD");
    run("ADD", "1");
    run("ADD", "1", "2");
    run("ADD", "1", "2", "3");
    run("toString", "1");
    run("BAD");
    expect(ran).to.deep.equal(["mia 1", "mia 1 2"]);
  });
});
