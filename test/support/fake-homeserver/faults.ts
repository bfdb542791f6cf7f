export interface FakeFault {
  method?: string;
  path?: RegExp;
  /** How many requests it strikes. */
  times: number;
  /** Answers with this instead of doing anything. Without `status`, `resetAfterDeed` and `stall`: a reset before the deed. */
  status?: number;
  body?: object | string;
  headers?: Record<string, string>;
  /** Does what was asked, then resets the connection instead of answering. */
  resetAfterDeed?: boolean;
  /** Never answers, and does nothing. */
  stall?: boolean;
}

/** Trouble on command. */
export class Faults {
  readonly #faults: FakeFault[] = [];

  add(fault: FakeFault): void {
    this.#faults.push({ ...fault });
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
