/** How a figure is judged: beside a number that it must reach, and one that it should. */
export interface Limits {
  /** `ratio`: what is judged is the bridge's figure divided by the floor's. */
  readonly of: "value" | "ratio";
  readonly better: "more" | "less";
  readonly must?: number;
  readonly goal?: number;
}

/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly bridge: number;
  readonly floor?: number;
  readonly ratio?: number;
  readonly limits?: Limits;
}

export type Verdict = "goal" | "ok" | "missed" | "";

export function verdictOf({ bridge, ratio, limits }: Figure): Verdict {
  if (limits === undefined) return "";
  const { of, better, must, goal } = limits;
  const judged = of === "ratio" ? (ratio ?? Number.NaN) : bridge;
  const reaches = (limit: number): boolean => (better === "more" ? judged >= limit : judged <= limit);
  if (goal !== undefined && reaches(goal)) return "goal";
  if (must === undefined) return "";
  return reaches(must) ? "ok" : "missed";
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The least number that at most this share of the numbers exceed. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Medians of runs in which bridge and floor took turns; the ratio is the median of the ratios of the runs. */
export function compared(
  what: string,
  unit: string,
  runs: ReadonlyArray<{ readonly bridge: number; readonly floor: number }>,
  limits?: Omit<Limits, "of">,
): Figure {
  return {
    what,
    unit,
    bridge: median(runs.map(({ bridge }) => bridge)),
    floor: median(runs.map(({ floor }) => floor)),
    ratio: median(runs.map(({ bridge, floor }) => bridge / floor)),
    ...(limits !== undefined && { limits: { of: "ratio", ...limits } }),
  };
}
