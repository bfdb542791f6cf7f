export interface FakePresence {
  presence: string;
  status_msg?: string;
}

/** What a homeserver keeps of who is there, as Synapse does, and what it was told. */
export class Presences {
  /** Switched off, it answers as if nothing were wrong, and keeps nothing. */
  isOn = true;
  /** What the time is for it, in milliseconds since the epoch. */
  now: () => number = Date.now;
  /** After how many milliseconds it takes those for gone of whom it is told nothing more; undefined: never. */
  decay: Record<string, number> | undefined;
  /** All that it was told of anybody. */
  readonly told: Array<FakePresence & { user: string; at: number }> = [];
  readonly #known = new Map<string, FakePresence & { at: number }>();

  /** Whether it takes note of that. */
  set(user: string, presence: FakePresence): boolean {
    const at = this.now();
    this.told.push({ ...presence, user, at });
    if (this.isOn) this.#known.set(user, { ...presence, at });
    return this.isOn;
  }

  /** What it shows of somebody. */
  of(user: string): FakePresence {
    const { at = 0, ...known } = this.#known.get(user) ?? { presence: "offline" };
    const isGone = this.now() - at >= (this.decay?.[known.presence] ?? Number.POSITIVE_INFINITY);
    return this.isOn && !isGone ? known : { presence: "offline" };
  }
}
