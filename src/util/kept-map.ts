/**
 * Values by key that can be made again, of which only those are kept that were asked for of late. An older one is forgotten
 * as soon as nobody else has it in use, neither a caller nor a timer nor a promise that is waited for: what does finds it
 * here too, so that there are never two of one key.
 */
export class KeptMap<K, V extends object> {
  /** All that are still in use somewhere. */
  readonly #known = new Map<K, WeakRef<V>>();
  /** Those that are in use by being here: asked for since the last `age`, and before it. */
  #recent = new Map<K, V>();
  #older = new Map<K, V>();

  /** What stands there, which is kept from now on. */
  get(key: K): V | undefined {
    const value = this.#recent.get(key) ?? this.#known.get(key)?.deref();
    if (value !== undefined) this.#recent.set(key, value);
    return value;
  }

  /** The same, without being kept for it. */
  peek(key: K): V | undefined {
    return this.#known.get(key)?.deref();
  }

  set(key: K, value: V): void {
    this.#known.set(key, new WeakRef(value));
    this.#recent.set(key, value);
  }

  delete(key: K): void {
    for (const map of [this.#known, this.#recent, this.#older]) map.delete(key);
  }

  /** All that are still in use. */
  values(): V[] {
    return [...this.#known.values()].flatMap((known) => known.deref() ?? []);
  }

  /** Time has passed: what was not asked for since the last call but one is not kept any more. */
  age(): void {
    this.#older = this.#recent;
    this.#recent = new Map();
    for (const [key, known] of this.#known) if (known.deref() === undefined) this.#known.delete(key);
  }
}
