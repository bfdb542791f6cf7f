import { Calendar } from "../../src/util/calendar.ts";
import type { Clock, TimeSource } from "../../src/util/clock.ts";

const known = new WeakMap<Clock, Calendar>();

/** The one calendar of a clock: what writes dates and what reads them have to see the date being set together. */
function calendarOf(clock: Clock): Calendar {
  const calendar = known.get(clock) ?? new Calendar(timeSourceOf(clock));
  known.set(clock, calendar);
  return calendar;
}

/** A clock, and its calendar. */
export function timesOf<C extends Clock>(clock: C): { readonly clock: C; readonly calendar: Calendar } {
  return { clock, calendar: calendarOf(clock) };
}

/** A clock with the machine's date, which nobody sets where the clock has none of its own. */
export function timeSourceOf(clock: Clock): TimeSource {
  if (isTimeSource(clock)) return clock;
  const ahead = Date.now() - clock.now();
  return {
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    epochMs: () => clock.now() + ahead,
  };
}

function isTimeSource(clock: Clock): clock is TimeSource {
  return "epochMs" in clock;
}
