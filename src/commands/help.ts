import { COMMAND_GROUPS, type CommandHelp } from "./command.ts";

/** All commands under their headings, one line each. */
export function overview(commands: readonly CommandHelp[]): string {
  const parts = COMMAND_GROUPS.map((group) => [group, commands.filter((command) => command.group === group)] as const);
  return parts
    .filter(([, those]) => those.length > 0)
    .map(([group, those]) =>
      [`${group}:`, ...those.map((command) => `${usageOf(command)}: ${command.help}`)].join("\n"),
    )
    .join("\n\n");
}

/** Everything there is to say about one command. */
export function explain(command: CommandHelp): string {
  const { aliases = [], help, details, example } = command;
  const others = aliases.length === 0 ? [] : [`The same as: ${aliases.join(", ")}`];
  return [
    `${usageOf(command)}: ${help}`,
    ...(details === undefined ? [] : [details]),
    `Example: ${example}`,
    ...others,
  ].join("\n");
}

/** Name and arguments. */
export function usageOf({ name, usage }: CommandHelp): string {
  return usage === undefined ? name : `${name} ${usage}`;
}
