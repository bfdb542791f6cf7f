import { createServer } from "node:net";
import { once } from "node:events";

interface Speech {
  readonly contacts: readonly string[];
  readonly texts: readonly string[];
  /** How many messages of a contact may be on their way. */
  readonly window: number;
  readonly say: (contact: string, text: string) => Promise<void>;
}

/**
 * Contacts who say the next thing once an earlier one has arrived, as people do: a few messages of each are on their way
 * all the time. Where they arrive, the homeserver says so here, a line with the contact's name for each.
 */
export class Drip {
  readonly port: number;
  #speech: { speech: Speech; next: Map<string, number>; done: PromiseWithResolvers<void>; left: number } | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async open(): Promise<Drip> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const drip = new Drip(typeof address === "object" && address !== null ? address.port : 0);
    server.on("connection", (socket) => {
      let rest = "";
      socket.setEncoding("utf8");
      socket.on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const contact of lines) drip.#sayNext(contact);
      });
    });
    return drip;
  }

  /** Resolves once everything is said. */
  async run(speech: Speech): Promise<void> {
    const { contacts, texts, window } = speech;
    const left = contacts.length * texts.length;
    const running = { speech, next: new Map<string, number>(), done: Promise.withResolvers<void>(), left };
    this.#speech = running;
    for (let at = 0; at < window; at += 1) for (const contact of contacts) this.#sayNext(contact);
    await running.done.promise;
    this.#speech = undefined;
  }

  #sayNext(contact: string): void {
    const running = this.#speech;
    if (running === undefined) return;
    const at = running.next.get(contact) ?? 0;
    const text = running.speech.texts[at];
    if (text === undefined) return;
    running.next.set(contact, at + 1);
    running.left -= 1;
    running.speech.say(contact, text).catch(running.done.reject);
    if (running.left === 0) running.done.resolve();
  }
}
