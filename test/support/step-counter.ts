type Counted = (this: unknown, ...args: unknown[]) => unknown;

/** A method of something built in, and how many steps a call of it is. */
type Spy = readonly [owner: object, name: string, stepsOf: (self: unknown) => number];

const once = (): number => 1;
const length = (self: unknown): number => (Array.isArray(self) ? self.length : 0);
const size = (self: unknown): number => (self instanceof Map || self instanceof Set ? self.size : 0);

// Spreading, `for` and the constructors of collections all go through the iterators.
const SPIES: readonly Spy[] = [
  [Object.getPrototypeOf(new Map().entries()), "next", once],
  [Object.getPrototypeOf(new Set().values()), "next", once],
  [Object.getPrototypeOf(function* none() {}.prototype), "next", once],
  [Map.prototype, "forEach", size],
  [Set.prototype, "forEach", size],
  ...["slice", "map", "filter", "flatMap", "concat", "toSorted", "with", "some", "find"].map((name): Spy => [
    Array.prototype,
    name,
    length,
  ]),
];

/**
 * How many entries of maps, sets and arrays `work` walks over or copies: a measure of what it does that does not depend on
 * the machine.
 */
export function countSteps(work: () => void): number {
  let steps = 0;
  const undo = SPIES.map(([owner, name, stepsOf]) => {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== "function") throw new Error(`there is no method ${name}`);
    const counted: Counted = function counted(...args) {
      steps += stepsOf(this);
      return Reflect.apply(original, this, args);
    };
    Reflect.set(owner, name, counted);
    return () => Reflect.set(owner, name, original);
  });
  try {
    work();
  } finally {
    for (const restore of undo) restore();
  }
  return steps;
}
