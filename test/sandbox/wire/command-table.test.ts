import { expect } from "chai";

import { runCommand, type CommandTable } from "../../../src/sandbox/wire/command-table.ts";
import { silentLog } from "../../../src/util/log.ts";

interface SandboxSession {
  readonly name: string;
  complain(code: number, transaction: string | undefined): void;
}

describe("sandbox command table", () => {
  const ran: string[] = [];
  const session: SandboxSession = { name: "mia", complain: (code, transaction) => ran.push(`${code} ${transaction}`) };
  const table: CommandTable<SandboxSession> = {
    ADD: { least: 1, most: 2, run: ({ name }, args) => ran.push(`${name} ${args.join(" ")}`) },
    BAD: {
      least: 0,
      most: 0,
      run: () => {
        throw new Error("a mistake of the sandbox");
      },
    },
  };
  const run = (name: string, ...args: string[]): void => runCommand(table, session, { name, args }, silentLog);

  it("runs only commands it knows, with as many arguments as they take, and complains of the others", () => {
    run("ADD");
    run("ADD", "1");
    run("ADD", "1", "2");
    run("ADD", "1", "2", "3");
    run("toString", "1");
    run("BAD");
    expect(ran).to.deep.equal(["200 undefined", "mia 1", "mia 1 2", "200 1", "200 1", "500 undefined"]);
  });
});
