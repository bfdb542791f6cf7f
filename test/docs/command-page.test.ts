import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { BotCommand } from "../../src/commands/command.ts";
import { commandPage } from "./command-page.ts";
import { COMMANDS, isCommand } from "../../src/commands/index.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("docs/command-page", () => {
  it("is what docs/commands.md says; npm run docs writes it anew", () => {
    expect(readFileSync(join(ROOT, "docs/commands.md"), "utf8")).to.equal(commandPage(COMMANDS));
  });

  it("is of commands that all have names of their own, and examples that begin with one", () => {
    const names = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(names).size).to.equal(names.length);
    for (const { name, aliases = [], example, help } of COMMANDS) {
      expect(example, name).to.match(new RegExp(`^(?:!msn )?(?:${[name, ...aliases].join("|")})(?: |$)`, "u"));
      expect(help, name).to.match(/^[a-z].*[^.]$/u);
      expect(isCommand(name.toUpperCase())).to.equal(true);
    }
  });

  it("shows usage, sentences, example and other names of a command", () => {
    const command: BotCommand = {
      name: "dance",
      aliases: ["move", "jump"],
      group: "Admin",
      usage: "<how>",
      help: "dances as you say <so>",
      details: "Not for long.",
      example: "dance wildly",
      needs: "admin",
      run: () => Promise.resolve(undefined),
    };
    const page = commandPage([command]);
    expect(page).to.include(
      "\n## Admin\n\n### `dance <how>`\n\nDances as you say \\<so>. Not for long. Only for those",
    );
    expect(page).to.include("The same as `move`, `jump`.\n\nExample: `dance wildly`\n");
    expect(page).to.not.include("## Chats");
  });
});
