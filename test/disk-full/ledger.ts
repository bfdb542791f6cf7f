/** What was said, and what the bot has told. */
export interface Ledger {
  /** Handed to the bridge's account by the MSN server. */
  readonly saidByContacts: { contact: string; text: string }[];
  readonly saidByUser: { contact: string; text: string; eventId: string }[];
  /** What the bot said to the person. */
  readonly management: string[];
  /** How often the bridge was stopped or killed while the disk was full. */
  ends: number;
}

/** What has arrived of it. */
export interface RoomFacts {
  readonly contact: string;
  readonly shown: readonly string[];
  readonly notices: readonly { body: string; relation: string }[];
  readonly received: readonly string[];
}

/** Something that must not be. */
export type Problem = string;

// What tells of the last messages of all contacts at once.
const CUT_OFF = /did not hear the end of it/u;
const AWAY = /was (?:away|down|stopped)/u;

/** Every text arrives once, or people are told; nothing arrives twice. */
export function judge(facts: Ledger & { readonly rooms: readonly RoomFacts[] }): Problem[] {
  return facts.rooms.flatMap((room) => [...judgeShown(facts, room), ...judgeReceived(facts, room)]);
}

function judgeShown({ saidByContacts, management, ends }: Ledger, { contact, shown }: RoomFacts): Problem[] {
  const said = saidByContacts.filter((one) => one.contact === contact).map(({ text }) => text);
  const lost = said.filter((text) => !shown.includes(text)).length;
  const told = management
    .filter((body) => body.includes("could not be kept"))
    .flatMap((body) => Array.from(body.matchAll(/(\d+) messages? from (\S+?)(?:,| )/gu)))
    .filter(([, , name]) => name === contact)
    .reduce((sum, [, count]) => sum + Number(count), 0);
  const isTold = told >= lost || management.some((body) => CUT_OFF.test(body) || (ends > 0 && AWAY.test(body)));
  const order = said.filter((text) => shown.includes(text));
  const inOrder = shown.filter((text) => said.includes(text));
  return [
    ...(isTold ? [] : [`${contact}: ${lost} of ${said.length} lost, ${told} told`]),
    ...doubled(contact, "shown", shown),
    ...(order.join() === inOrder.join() ? [] : [`${contact}: shown out of order`]),
  ];
}

function judgeReceived({ saidByUser }: Ledger, { contact, received, notices }: RoomFacts): Problem[] {
  const problems = saidByUser.flatMap(({ contact: to, text, eventId }) => {
    if (to !== contact) return [];
    const told = notices.find(({ relation }) => relation.includes(eventId))?.body;
    if (!received.includes(text)) return told === undefined ? [`${contact}: never got "${text}"`] : [];
    return told === undefined || told.includes("may not have been delivered")
      ? []
      : [`${contact}: got "${text}": ${told}`];
  });
  return [...problems, ...doubled(contact, "received", received)];
}

function doubled(contact: string, what: string, texts: readonly string[]): Problem[] {
  const twice = texts.filter((text, index) => texts.indexOf(text) !== index);
  return twice.map((text) => `${contact}: ${what} twice: "${text.slice(0, 40)}"`);
}
