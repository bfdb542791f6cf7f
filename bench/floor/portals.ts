/** Work in order within each portal, portals side by side. */
export class Portals {
  readonly #queues = new Map<string, (() => Promise<void>)[]>();

  add(portal: string, work: () => Promise<void>): void {
    const queue = this.#queues.get(portal);
    if (queue !== undefined) {
      queue.push(work);
      return;
    }
    const fresh = [work];
    this.#queues.set(portal, fresh);
    void this.#run(portal, fresh);
  }

  async #run(portal: string, queue: (() => Promise<void>)[]): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await next();
    this.#queues.delete(portal);
  }
}
