import { inspect } from "node:util";

const NONE = Symbol("no value");

/** Values by slot: as many as there may be in one piece, or pieces that hold as many as they may. */
type Tree<V> =
  | { readonly values: ReadonlyArray<V | typeof NONE> }
  | { readonly trees: ReadonlyArray<Tree<V> | undefined>; readonly bits: number };

type Entry<K, V> = readonly [key: K, value: V];

// A change copies one piece on each level: with 32 in each, 10,000 entries have three.
const BITS = 5;
const WIDTH = 2 ** BITS;
// Removed keys keep their slots until there are this many, and more than there are entries.
const LEAST_EMPTY = 64;

/**
 * A map that never changes: `with` and `without` give another one, which shares all but a few pieces with this one, so
 * that what a change costs does not grow with the map. No value is `undefined` or `null`. Entries come in the order in which their keys were first set in any of the
 * maps that came from one another.
 */
export class PersistentMap<K, V> implements ReadonlyMap<K, V> {
  /** Makes it compare and print as a Map. */
  readonly [Symbol.toStringTag] = "Map";
  readonly size: number;
  readonly #root: Tree<V>;
  /** Where each key is. Shared by all maps that came from one another: a key has the same slot in all of them. */
  readonly #slots: Map<K, number>;

  private constructor(slots: Map<K, number>, root: Tree<V>, size: number) {
    this.#slots = slots;
    this.#root = root;
    this.size = size;
  }

  /** The entries as such a map; the map itself if it is one. */
  static from<K, V>(entries: ReadonlyMap<K, V> | Iterable<Entry<K, V>>): PersistentMap<K, V> {
    if (isPersistent(entries)) return entries;
    let map = new PersistentMap<K, V>(new Map(), { values: [] }, 0);
    for (const [key, value] of entries) map = map.with(key, value);
    return map;
  }

  get(key: K): V | undefined {
    const value = this.#value(key);
    return value === NONE ? undefined : value;
  }

  has(key: K): boolean {
    return this.#value(key) !== NONE;
  }

  /** The map with this entry in it. */
  with(key: K, value: V): PersistentMap<K, V> {
    const isNew = !this.has(key);
    const known = this.#slots.get(key);
    if (known === undefined && this.#slots.size > 2 * this.size + LEAST_EMPTY)
      return PersistentMap.from([...this]).with(key, value);
    const slot = known ?? this.#slots.size;
    this.#slots.set(key, slot);
    return new PersistentMap(this.#slots, write(roomFor(this.#root, slot), slot, value), this.size + Number(isNew));
  }

  /** The map without this key. */
  without(key: K): PersistentMap<K, V> {
    const slot = this.#slots.get(key);
    if (slot === undefined || !this.has(key)) return this;
    return new PersistentMap(this.#slots, write(this.#root, slot, NONE), this.size - 1);
  }

  *entries(): Generator<[K, V], undefined> {
    // What is added to the slots meanwhile is not in this map.
    const end = this.#slots.size;
    for (const [key, slot] of this.#slots) {
      if (slot >= end) return;
      const value = read(this.#root, slot);
      if (value !== NONE) yield [key, value];
    }
  }

  *keys(): Generator<K, undefined> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  forEach(act: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) act(value, key, this);
  }

  [inspect.custom](): unknown {
    return new Map(this);
  }

  #value(key: K): V | typeof NONE {
    const slot = this.#slots.get(key);
    return slot === undefined ? NONE : read(this.#root, slot);
  }
}

function isPersistent<K, V>(entries: ReadonlyMap<K, V> | Iterable<Entry<K, V>>): entries is PersistentMap<K, V> {
  return entries instanceof PersistentMap;
}

function read<V>(root: Tree<V>, slot: number): V | typeof NONE {
  if (slot >= sizeOf(root)) return NONE;
  let tree: Tree<V> | undefined = root;
  while (tree !== undefined && "trees" in tree) tree = tree.trees[(slot >>> tree.bits) % WIDTH];
  const at = slot % WIDTH;
  const value = tree?.values[at];
  return value ?? NONE;
}

/** For how many slots a tree has room. */
function sizeOf<V>(tree: Tree<V>): number {
  return WIDTH * 2 ** ("trees" in tree ? tree.bits : 0);
}

/** The tree, or one around it, with room for a slot. */
function roomFor<V>(tree: Tree<V>, slot: number): Tree<V> {
  if (slot < sizeOf(tree)) return tree;
  return roomFor({ trees: [tree], bits: ("trees" in tree ? tree.bits : 0) + BITS }, slot);
}

function write<V>(tree: Tree<V>, slot: number, value: V | typeof NONE): Tree<V> {
  if ("values" in tree) return { values: put(tree.values, slot % WIDTH, value, NONE) };
  const { trees, bits } = tree;
  const at = (slot >>> bits) % WIDTH;
  const below = trees[at] ?? (bits === BITS ? { values: [] } : { trees: [], bits: bits - BITS });
  return { trees: put(trees, at, write(below, slot, value), undefined), bits };
}

/** The items with this one in its place. They take no more room than they need, which `push` would. */
function put<T>(items: readonly T[], at: number, item: T, nothing: T): readonly T[] {
  if (at < items.length) return items.with(at, item);
  return items.concat(
    Array.from({ length: at - items.length + 1 }, (_, index) => (index === at - items.length ? item : nothing)),
  );
}
