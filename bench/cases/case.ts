import type { Figure } from "../report/figure.ts";

/** `smoke`: only whether everything arrives; `quick`: a first idea; `full`: what is published. */
export type Scale = "smoke" | "quick" | "full";

export interface CaseContext {
  /** A folder of its own, empty, on a disk. */
  readonly folder: string;
  readonly scale: Scale;
  /** How often bridge and floor take turns. */
  readonly runs: number;
  /** Where the profile of the bridge's measured part is to be kept; undefined where none is wanted. */
  readonly profile: string | undefined;
  readonly say: (words: string) => void;
}

/** Something that is measured. It throws when a message is missing, doubled or out of order. */
export interface BenchCase {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  run(context: CaseContext): Promise<Figure[]>;
}
