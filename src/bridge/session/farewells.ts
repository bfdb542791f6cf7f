import type { MsnClient } from "../../msn/index.ts";

/** The clients that a session has left and whose contacts are still being heard out. */
export class Farewells {
  readonly #ends = new Set<Promise<boolean>>();

  add(client: MsnClient | undefined): void {
    if (client === undefined) return;
    const end = client.disconnect().finally(() => this.#ends.delete(end));
    this.#ends.add(end);
  }

  /**
   * Resolves once all of them have ended.
   * @returns false when contacts were still speaking in a conversation that the server did not end
   */
  async over(): Promise<boolean> {
    return (await Promise.all(this.#ends)).every(Boolean);
  }
}
