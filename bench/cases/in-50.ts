import { traffic } from "./traffic.ts";

// CPU is judged beside the floor's: 1.6 ms where the floor takes 0.45.
export const in50 = traffic({
  name: "in-50",
  title: "MSN to Matrix, 50 portals",
  each: { smoke: 4, quick: 20, full: 60 },
  limits: { rate: { must: 0.45, goal: 0.7 }, cpu: { must: 1.6 / 0.45 }, written: { must: 0.5 } },
  carry: async (duel, side, each) => duel.toMatrix(side, each),
});
