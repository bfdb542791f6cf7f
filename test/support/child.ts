import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { z } from "zod";

const answered = z.object({ id: z.int(), result: z.unknown().optional(), error: z.string().optional() });
const told = z.looseObject({ event: z.string() });

type Listener = (event: Record<string, unknown>) => void;

/** One of the processes of a run, as the process that conducts the run sees it. */
export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #lastId = 0;

  private constructor(file: string, options: object) {
    this.#name = basename(file, ".ts");
    this.#process = fork(file, [JSON.stringify(options)], { execArgv: [] });
    this.#process.on("message", (message) => this.#take(message));
    this.#process.once("exit", () => this.#fail());
  }

  /**
   * @param file a program that calls `serve`
   * @throws Error when it ends before it is ready
   */
  static async start(file: string, options: object): Promise<Child> {
    const child = new Child(file, options);
    const ready = Promise.withResolvers<void>();
    child.on("ready", () => ready.resolve());
    child.#waiting.set(0, { ...Promise.withResolvers<unknown>(), reject: ready.reject });
    await ready.promise;
    child.#waiting.delete(0);
    return child;
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error(`the ${this.#name} did not start`);
    return this.#process.pid;
  }

  /**
   * Has something done.
   * @throws Error with the words of the child
   */
  async ask<T>(shape: z.ZodType<T>, deed: string, args: unknown = null): Promise<T> {
    if (!this.#process.connected) throw new Error(`the ${this.#name} has ended`);
    this.#lastId += 1;
    const waiter = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#lastId, waiter);
    this.#process.send({ id: this.#lastId, deed, args });
    return shape.parse(await waiter.promise);
  }

  /** Asks for something that gives nothing back. */
  async order(deed: string, args: unknown = null): Promise<void> {
    await this.ask(z.unknown(), deed, args);
  }

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  /** Resolves at the next event of this name, or after `ms` milliseconds. */
  async next(event: string, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const listener = (): void => resolve();
    this.on(event, listener);
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
    this.#listeners.get(event)?.delete(listener);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }

  #take(message: unknown): void {
    const event = told.safeParse(message).data;
    if (event !== undefined) {
      for (const listener of this.#listeners.get(event.event) ?? []) listener(event);
      return;
    }
    const { id, result, error } = answered.parse(message);
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiter?.resolve(result);
    else waiter?.reject(new Error(error));
  }

  #fail(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(`the ${this.#name} has ended`));
    this.#waiting.clear();
  }
}
