/** The one of `known` that is most like `word`, letter case ignored; undefined when none is like it. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // Not every letter of it.
  const limit = Math.min(word.length - 1, Math.max(2, Math.floor(word.length / 2)));
  const measured = known.map((other) => ({ other, distance: editDistance(word.toLowerCase(), other.toLowerCase()) }));
  const [best] = measured.toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= limit ? best.other : undefined;
}

/** How many letters must be put in, taken out or replaced to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
