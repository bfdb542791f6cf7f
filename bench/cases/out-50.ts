import { traffic } from "./traffic.ts";

// The floor writes next to nothing for one of 50, so its time for a message of its own is what CPU is judged by.
export const out50 = traffic({
  name: "out-50",
  title: "Matrix to MSN, transactions of 50",
  each: { smoke: 4, quick: 40, full: 120 },
  limits: { rate: { must: 0.12, goal: 0.3 }, cpu: {}, written: { must: 0.5 } },
  carry: async (duel, side, each) => duel.toMsn(side, each, 50),
});
