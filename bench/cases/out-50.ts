import { traffic } from "./traffic.ts";

// The floor does next to nothing for one of 50, so CPU is judged as it is: 1.2 ms where the floor takes 0.45 for one alone.
export const out50 = traffic({
  name: "out-50",
  title: "Matrix to MSN, transactions of 50",
  each: { smoke: 4, quick: 40, full: 120 },
  limits: { rate: { must: 0.12, goal: 0.3 }, cpu: { of: "value", must: 1.2 }, written: {} },
  carry: async (duel, side, each) => duel.toMsn(side, each, 50),
});
