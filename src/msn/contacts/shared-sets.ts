import type { ListName } from "../dialect/roster-change.ts";

// Thousands of contacts are on the same few lists and in the same few groups, so that a set of its own for each would be
// most of what a contact costs.

const LISTS = ["FL", "AL", "BL", "RL"] as const satisfies readonly ListName[];
const LIST_SETS = Array.from({ length: 2 ** LISTS.length }, (_, sum): ReadonlySet<ListName> => {
  return new Set(LISTS.filter((_list, bit) => (sum & (1 << bit)) !== 0));
});

// What a server names without end must not stay for ever.
const MAX_KEPT = 1000;
const groupSets = new Map<string, ReadonlySet<string>>();

/** The set of these lists, the same for all who are on them. */
export function listSet(lists: Iterable<ListName>): ReadonlySet<ListName> {
  let sum = 0;
  for (const list of lists) sum |= 1 << LISTS.indexOf(list);
  return LIST_SETS[sum] ?? new Set(lists);
}

/** The set of these ids of groups, the same for all who are in them. */
export function groupSet(ids: Iterable<string>): ReadonlySet<string> {
  const set = new Set(ids);
  // A space stands in no id (docs/msnp.md 1.1).
  const key = [...set].join(" ");
  const known = groupSets.get(key);
  if (known !== undefined) return known;
  const [oldest] = groupSets.keys();
  if (oldest !== undefined && groupSets.size >= MAX_KEPT) groupSets.delete(oldest);
  groupSets.set(key, set);
  return set;
}
