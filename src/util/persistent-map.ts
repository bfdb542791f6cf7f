import { inspect } from "node:util";

/** A node of the tree of slots. It holds one entry itself, so that the tree needs no height. */
interface Node<E> {
  readonly entry: E | undefined;
  readonly children: ReadonlyArray<Node<E> | undefined>;
}

type Entry<K, V> = readonly [key: K, value: V];

// A change copies one node on each level: with 32 children, 10,000 entries have four levels.
const WIDTH = 32;
// Removed keys keep their slots until there are this many, and more than there are entries.
const LEAST_EMPTY = 64;

/**
 * A map that never changes: `with` and `without` give another one, which shares all but a few nodes with this one, so
 * that what a change costs does not grow with the map. Entries come in the order in which their keys were first set in any of the
 * maps that came from one another.
 */
export class PersistentMap<K, V> implements ReadonlyMap<K, V> {
  /** Makes it compare and print as a Map. */
  readonly [Symbol.toStringTag] = "Map";
  readonly size: number;
  readonly #root: Node<Entry<K, V>>;
  /** Where each key is. Shared by all maps that came from one another: a key has the same slot in all of them. */
  readonly #slots: Map<K, number>;

  private constructor(slots: Map<K, number>, root: Node<Entry<K, V>>, size: number) {
    this.#slots = slots;
    this.#root = root;
    this.size = size;
  }

  /** The entries as such a map; the map itself if it is one. */
  static from<K, V>(entries: ReadonlyMap<K, V> | Iterable<Entry<K, V>>): PersistentMap<K, V> {
    if (isPersistent(entries)) return entries;
    let map = new PersistentMap<K, V>(new Map(), { entry: undefined, children: [] }, 0);
    for (const [key, value] of entries) map = map.with(key, value);
    return map;
  }

  get(key: K): V | undefined {
    return this.#entry(key)?.[1];
  }

  has(key: K): boolean {
    return this.#entry(key) !== undefined;
  }

  /** The map with this entry in it. */
  with(key: K, value: V): PersistentMap<K, V> {
    const isNew = !this.has(key);
    const known = this.#slots.get(key);
    if (known === undefined && this.#slots.size > 2 * this.size + LEAST_EMPTY)
      return PersistentMap.from([...this]).with(key, value);
    const slot = known ?? this.#slots.size;
    this.#slots.set(key, slot);
    return new PersistentMap(this.#slots, write(this.#root, slot, [key, value]), this.size + Number(isNew));
  }

  /** The map without this key. */
  without(key: K): PersistentMap<K, V> {
    const slot = this.#slots.get(key);
    if (slot === undefined || !this.has(key)) return this;
    return new PersistentMap(this.#slots, write(this.#root, slot, undefined), this.size - 1);
  }

  *entries(): Generator<[K, V], undefined> {
    // What is added to the slots meanwhile is not in this map.
    const end = this.#slots.size;
    for (let slot = 0; slot < end; slot += 1) {
      const entry = read(this.#root, slot);
      if (entry !== undefined) yield [entry[0], entry[1]];
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

  #entry(key: K): Entry<K, V> | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : read(this.#root, slot);
  }
}

function isPersistent<K, V>(entries: ReadonlyMap<K, V> | Iterable<Entry<K, V>>): entries is PersistentMap<K, V> {
  return entries instanceof PersistentMap;
}

function read<E>(root: Node<E>, slot: number): E | undefined {
  let node: Node<E> | undefined = root;
  for (let rest = slot; rest > 0 && node !== undefined; rest = above(rest)) node = node.children[branch(rest)];
  return node?.entry;
}

function write<E>(node: Node<E> | undefined, slot: number, entry: E | undefined): Node<E> {
  const children = node?.children ?? [];
  if (slot === 0) return { entry, children };
  const after = children.slice();
  after[branch(slot)] = write(children[branch(slot)], above(slot), entry);
  return { entry: node?.entry, children: after };
}

// Digits from 1 to 32, so that every slot but 0 has one way only through the tree.
function branch(slot: number): number {
  return (slot - 1) % WIDTH;
}

function above(slot: number): number {
  return Math.floor((slot - 1) / WIDTH);
}
