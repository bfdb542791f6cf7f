import { expect } from "chai";

/** One test for each value of a table, with what is said of it; undefined: nothing. */
export function says<V>(
  say: (value: V) => string | readonly string[] | undefined,
  table: ReadonlyArray<readonly [value: V, said: string | readonly string[] | undefined]>,
): void {
  for (const [value, said] of table) {
    const title = said === undefined ? "says nothing" : [said].flat().join(" / ");
    it(title, () => expect(say(value)).to.deep.equal(said));
  }
}
