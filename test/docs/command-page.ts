import { COMMAND_GROUPS, type CommandHelp } from "../../src/commands/command.ts";
import { usageOf } from "../../src/commands/help.ts";

const INTRODUCTION = `# What you can tell the bot

Say these words to the bot in your chat with it. In your other chats they begin with \`!msn\`, which works everywhere.
\`<needed>\` stands for something that you have to add, \`[optional]\` for something that you may add, and \`|\` for a
choice. Your login is the address of your MSN account; it has to be added only if you have several.

This page is made from the commands themselves by \`npm run docs\`.`;

/** The page about the commands, in Markdown. */
export function commandPage(commands: readonly CommandHelp[]): string {
  const chapters = COMMAND_GROUPS.map((group) => {
    const those = commands.filter((command) => command.group === group);
    return those.length === 0 ? [] : [`## ${group}`].concat(those.map(section));
  });
  return `${[INTRODUCTION, ...chapters.flat()].join("\n\n")}\n`;
}

function section(command: CommandHelp): string {
  const { aliases = [], help, details, example, needs } = command;
  const sentences = [
    sentence(help),
    ...(details === undefined ? [] : [details]),
    ...(needs === "admin" ? ["Only for those who look after the bridge."] : []),
    ...(aliases.length === 0 ? [] : [`The same as ${aliases.map((alias) => `\`${alias}\``).join(", ")}.`]),
  ];
  return [`### \`${usageOf(command)}\``, escapeMarkdown(sentences.join(" ")), `Example: \`${example}\``].join("\n\n");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

// What stands between angle brackets would be taken for HTML.
function escapeMarkdown(text: string): string {
  return text.replaceAll("<", String.raw`\<`);
}
