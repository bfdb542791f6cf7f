import { setTimeout as sleep } from "node:timers/promises";

export interface FakeFault {
  method?: string;
  path?: RegExp;
  /** How many requests it strikes. */
  times: number;
  /** Answers with this instead of doing anything. Without this and everything below: a reset before the deed. */
  status?: number;
  body?: object | string;
  headers?: Record<string, string>;
  /** Does what was asked, then resets the connection instead of answering. */
  resetAfterDeed?: boolean;
  /** Never answers, and does nothing. */
  stall?: boolean;
  /**
   * Takes its time before the deed, or between the deed and the answer, until the faults are ended at the latest. The
   * deed is done even if the asker goes.
   */
  slow?: { when: "before" | "after"; ms: number };
  /** In the middle of a file that is sent or fetched: after so many bytes a reset, or nothing more. */
  cutAfter?: number;
  stallAfter?: number;
  /** Told of each request that it strikes, before anything else happens. */
  onStrike?: () => void;
}

/** Trouble on command. */
export class Faults {
  #faults: FakeFault[] = [];
  #end = new AbortController();

  add(fault: FakeFault): void {
    this.#faults.push({ ...fault });
  }

  clear(): void {
    this.#faults = [];
    this.#end.abort();
    this.#end = new AbortController();
  }

  /** What a slow fault takes. */
  async wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }

  /** The fault that strikes this request, if any; used up by one. */
  strike(method: string, path: string): FakeFault | undefined {
    const fault = this.#faults.find(
      (one) => one.times > 0 && (one.method ?? method) === method && (one.path?.test(path) ?? true),
    );
    if (fault !== undefined) fault.times -= 1;
    return fault;
  }
}
