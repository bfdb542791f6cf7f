/** Of things that belong to somebody each, all those of whoever has the most, in order; none when there are none. */
export function largestGroup<T>(things: Iterable<T>, ownerOf: (thing: T) => string): readonly T[] {
  let largest: readonly T[] = [];
  for (const group of Map.groupBy(things, ownerOf).values()) if (group.length > largest.length) largest = group;
  return largest;
}
