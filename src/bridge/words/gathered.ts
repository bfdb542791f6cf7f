import { SEND_AGAIN } from "./delivery.ts";
import { time } from "./time.ts";

/** What a notice of many things says of them, and since when. */
interface Many {
  readonly since: Date;
  readonly count: number;
  readonly uncertain: number;
  readonly reasons: ReadonlyArray<{
    readonly reason: string;
    readonly sentence: string;
    readonly count: number;
    readonly isSame: boolean;
  }>;
}

/** Who did what could not be done: the user, who can have it done again, or people on MSN. */
export type GatheredKind = "to-msn" | "from-msn";

// Sending those again would not help.
const FINAL = "unsupported";

/** Tells of many things in place of a notice for each. */
export function manyThings(kind: GatheredKind, { since, count, uncertain, reasons }: Many): string {
  const [first] = reasons;
  const listed = reasons.reduce((sum, one) => sum + one.count, 0);
  const others = count - listed;
  const isOne = reasons.length === 1 && others === 0 && first !== undefined;
  const lines = reasons.map(({ sentence, count: times, isSame }) => {
    const example = isSame ? "" : "for example: ";
    return `${isOne ? "" : `– ${often(times)}: `}${example}${reasonIn(sentence)}`;
  });
  if (others > 0) lines.push(`– ${often(others)}: other reasons.`);
  const more = `${count} more ${kind === "to-msn" ? "messages" : "things"}`;
  const from = time(since);
  switch (kind) {
    case "to-msn": {
      const what = `${more} since ${from} were not delivered${uncertain > 0 ? ", or may not have been" : ""}`;
      const remedy = reasons.every(({ reason }) => reason === FINAL)
        ? []
        : [`React to this notice with 🔁 to send ${uncertain > 0 ? "all of them" : "them"} again, in order.`];
      return [
        `${what}${isOne ? `, all for the same reason: ${lines.join("")}` : `:\n${lines.join("\n")}`}`,
        ...remedy,
      ].join(isOne ? " " : "\n");
    }
    case "from-msn":
      return `${more} from MSN since ${from} could not be shown or taken:${isOne ? " " : "\n"}${lines.join("\n")}`;
  }
}

function often(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}

/** Why, of a sentence about one thing. */
function reasonIn(sentence: string): string {
  return sentence.replace(/^Your message was not delivered: /u, "").replace(` ${SEND_AGAIN}`, "");
}

/** Of what a notice tells of, only so much is sent again at once. */
export function sentInParts(sent: number, left: number): string {
  return `${sent} messages are being sent again. React once more with 🔁, or say retry, for the other ${left}.`;
}
