import { styleText } from "node:util";
import type { SeenMessage } from "./demo-user.ts";

/** What the demo shows in the terminal. */
export class Screen {
  #names: Readonly<Record<string, string>> = {};

  /** Who is behind which Matrix id. */
  cast(names: Readonly<Record<string, string>>): void {
    this.#names = names;
  }

  step(text: string): void {
    this.#print(styleText("dim", `… ${text}`));
  }

  scene(text: string): void {
    this.#print(`\n${styleText("bold", text)}`);
  }

  /** A message that a Matrix client shows. */
  message({ sender, body }: SeenMessage): void {
    const name = this.#names[sender] ?? sender;
    const text = body.startsWith("login ") ? body.replace(/\S+$/u, "********") : body;
    this.#line(styleText("green", "Matrix"), name, text);
  }

  /** A message that a contact's MSN Messenger shows. */
  onMsn(name: string, text: string): void {
    this.#line(styleText("blue", "MSN   "), `Mia -> ${name}`, text);
  }

  problem(text: string): void {
    console.error(styleText("red", text));
  }

  invitation({ url, userId, password }: { url: string; userId: string; password: string }): void {
    this.#print(
      `\nJoin in with any Matrix client on this machine:\n  homeserver  ${url}\n  user        ${userId}\n` +
        `  password    ${password}\n\nOlga answers whatever you write. Ctrl-C ends the demo.`,
    );
  }

  #line(where: string, who: string, text: string): void {
    const [first = "", ...rest] = text.split("\n");
    this.#print(`  ${where}  ${who}: ${first}`);
    for (const line of rest) this.#print(`          ${" ".repeat(who.length)}  ${line}`);
  }

  #print(text: string): void {
    console.log(text);
  }
}
