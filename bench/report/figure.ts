import { z } from "zod";

const limits = z.object({
  /** `ratio`: what is judged is the bridge's figure divided by the floor's. */
  of: z.enum(["value", "ratio"]),
  better: z.enum(["more", "less"]),
  must: z.number().exactOptional(),
  goal: z.number().exactOptional(),
});

/** How a figure is judged: beside a number that it must reach, and one that it should. */
export type Limits = z.output<typeof limits>;

export const figure = z.object({
  what: z.string(),
  /** Empty for numbers without one. */
  unit: z.string(),
  bridge: z.number(),
  floor: z.number().exactOptional(),
  ratio: z.number().exactOptional(),
  limits: limits.exactOptional(),
});

/** One line of the table. */
export type Figure = z.output<typeof figure>;

const MUST_TURN_MS = 200;

type Verdict = "goal" | "ok" | "missed" | "";

export function verdictOf({ bridge, ratio, limits: judged }: Figure): Verdict {
  if (judged === undefined) return "";
  const { of, better, must, goal } = judged;
  const value = of === "ratio" ? (ratio ?? Number.NaN) : bridge;
  const reaches = (limit: number): boolean => (better === "more" ? value >= limit : value <= limit);
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

const LONGEST = "longest turn of the loop";

/** What runs have given that give the same figures: the median of each, but of the longest turns the longest. */
export function overRuns(runs: ReadonlyArray<readonly Figure[]>): Figure[] {
  const [first = []] = runs;
  return first.map((one, at) => {
    const values = runs.map((figures) => figures[at]?.bridge ?? Number.NaN);
    return Object.assign({}, one, { bridge: one.what.startsWith(LONGEST) ? Math.max(...values) : median(values) });
  });
}

/** The longest turn of the loop, which nobody may notice. @param beside what else is said of it */
export function longestTurn(ms: number, beside = ""): Figure {
  return {
    what: `${LONGEST}${beside}`,
    unit: "ms",
    bridge: ms,
    limits: { of: "value", better: "less", must: MUST_TURN_MS },
  };
}

/** Medians of runs in which bridge and floor took turns; the ratio is the median of the ratios, and judged unless told. */
export function compared(
  what: string,
  unit: string,
  runs: ReadonlyArray<{ readonly bridge: number; readonly floor: number }>,
  judged?: Omit<Limits, "of"> & Partial<Pick<Limits, "of">>,
): Figure {
  return {
    what,
    unit,
    bridge: median(runs.map(({ bridge }) => bridge)),
    floor: median(runs.map(({ floor }) => floor)),
    ratio: median(runs.map(({ bridge, floor }) => bridge / floor)),
    ...(judged !== undefined && { limits: { of: "ratio", ...judged } }),
  };
}
