/** The day of a date. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** A date, to the minute. */
export function time(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
