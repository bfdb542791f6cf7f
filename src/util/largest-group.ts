/**
 * Of things that belong to somebody each, all those of whoever has the most, in order; none when there are none.
 * @param sizeOf how much a thing counts; 1 if not given
 */
export function largestGroup<T>(
  things: Iterable<T>,
  ownerOf: (thing: T) => string,
  sizeOf: (thing: T) => number = () => 1,
): readonly T[] {
  let largest: readonly T[] = [];
  let most = 0;
  for (const group of Map.groupBy(things, ownerOf).values()) {
    const size = group.reduce((sum, thing) => sum + sizeOf(thing), 0);
    if (size > most) [largest, most] = [group, size];
  }
  return largest;
}
