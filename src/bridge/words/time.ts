/** The day of a moment. */
export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A moment, to the minute. */
export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
