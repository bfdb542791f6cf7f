import type { SaidTable } from "../../store/said.ts";

/** What is noted on disk about a password or token that the bot asks for in a room. */
export interface SecretMark {
  /** It has asked, and has had no answer yet. */
  readonly isSet: boolean;
  /** Another user has come into the room since then: what is asked there is not asked any more. */
  readonly isCalledOff: boolean;
  /** @param isAsked false: for now something else is asked that leads to it */
  set(isAsked: boolean): void;
  clear(): void;
  /** Another user has come. @returns whether there was a question */
  callOff(): boolean;
}

export function secretMark(said: SaidTable, roomId: string): SecretMark {
  const [asked, leadsToIt, calledOff] = ["asks-password", "leads-to-password", "password-called-off"] as const;
  return {
    get isSet() {
      return said.has(roomId, asked);
    },
    get isCalledOff() {
      return said.has(roomId, calledOff);
    },
    set(isAsked) {
      said.forget(roomId, calledOff);
      said.once(roomId, isAsked ? asked : leadsToIt);
    },
    clear() {
      for (const what of [asked, leadsToIt, calledOff]) said.forget(roomId, what);
    },
    callOff() {
      const isOpen = said.has(roomId, asked) || said.has(roomId, leadsToIt);
      return isOpen && said.once(roomId, calledOff);
    },
  };
}
