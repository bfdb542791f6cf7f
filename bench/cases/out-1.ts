import { traffic } from "./traffic.ts";

export const out1 = traffic({
  name: "out-1",
  title: "Matrix to MSN, transactions of 1",
  each: { smoke: 4, quick: 20, full: 60 },
  limits: { rate: { must: 0.3, goal: 0.5 }, cpu: { must: 2.2 / 0.45 }, written: { must: 1.4 } },
  carry: async (duel, side, each) => duel.toMsn(side, each, 1),
});
