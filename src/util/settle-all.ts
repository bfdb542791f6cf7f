/**
 * Waits until each of several has ended, also where one of them fails, which keeps nothing else from ending.
 * @throws what the only one threw that failed, or an AggregateError of several
 */
export async function settleAll(work: Iterable<Promise<unknown>>): Promise<void> {
  const ends = await Promise.allSettled(work);
  const problems: unknown[] = ends.filter((end) => end.status === "rejected").map(({ reason }): unknown => reason);
  if (problems.length === 1) throw problems[0];
  if (problems.length > 1) throw new AggregateError(problems, `${problems.length} of ${ends.length} failed`);
}
