import type { AdminScope } from "../bridge/actions/stats.ts";
import type { CommandRequest, CommandRunner } from "../bridge/from-matrix/command-request.ts";
import type { CommandRoom } from "../bridge/from-matrix/command-room.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { SerialQueue } from "../util/serial-queue.ts";
import { CommandBudgets } from "./budget.ts";
import { isQuestion, type Question, type Reply } from "./command.ts";
import { CommandContext } from "./context.ts";
import { FinalError, UserError } from "./errors.ts";
import { isCommand, runByName } from "./index.ts";
import { pagesOf } from "./pages.ts";
import { mayHoldSecret, refuseInCompany, removeSecret } from "./secret.ts";

/** What is going on with one user. */
interface Dialogue {
  /** What they say is dealt with in order. */
  readonly queue: SerialQueue;
  /** What is being done for them; cancelled by `cancel`. */
  running?: Running | undefined;
  /** What they were asked, in which room, and until when the answer counts. */
  asked?: { readonly question: Question; readonly roomId: string; readonly until: number } | undefined;
  /** Counts what was cancelled: what was said before the last time is not done any more. */
  cancelled: number;
}

interface Running {
  readonly context: CommandContext;
  /** It waits for a server that may never answer. */
  readonly isSignIn: boolean;
}

const CALLED_OFF = "The sign-in was cancelled.";
const TOO_LATE = "It is too late to cancel that. Nothing of what you said after it is done.";
const LATE_PASSWORD =
  "I had asked for a password or a token, so I took this for it, but I cannot use it any more. Say login again.";
const TOO_MUCH =
  "You sent more than I can work on. For the next minute I ignore what you send me. Wait until then, and send again what " +
  "was not done.";
const ELSEWHERE =
  "I do not know that command. If it is the password or token that I asked for in another room, say it there.";

const INTERRUPTED =
  "This bridge was stopped while it worked on your command, and does not know how far it came. Look with status, and say it again if need be.";

const WAITING_LIMIT = 20;
// Longer than looking up a password takes; after that a word is a command again.
const ANSWER_MS = 10 * 60_000;

// Behind these stands a secret, whatever it looks like.
const TAKES_SECRET = /^(?:login|relogin|password|login-matrix)\s/iu;

const SIGNS_IN = /^(?:login|relogin|password)\s/iu;

/** The other end of every conversation with the bot: one command after the other for each user, and `cancel` at once. */
export class Bot implements CommandRunner {
  readonly #scope: AdminScope;
  readonly #dialogues = new Map<string, Dialogue>();
  readonly #budgets: CommandBudgets;

  constructor(scope: AdminScope) {
    this.#scope = scope;
    this.#budgets = new CommandBudgets(scope.bridge.clock);
  }

  /** Understands and runs what a user said, and answers. */
  async run(request: CommandRequest): Promise<void> {
    const { sender, text, room } = request;
    if (request.isInterrupted) return interrupted(request);
    if (!(await this.#isHeard(request))) return;
    const dialogue = this.#dialogues.get(sender) ?? { queue: new SerialQueue(WAITING_LIMIT), cancelled: 0 };
    this.#dialogues.set(sender, dialogue);
    if (/^cancel$/iu.test(text.trim())) return this.#cancel(dialogue, room);
    if (/^logout(?:\s|$)/iu.test(text.trim())) this.#endSignIn(dialogue, room);
    if (dialogue.queue.size >= WAITING_LIMIT) {
      const redaction = mayHoldSecret(text) ? await removeSecret(room) : "";
      return room.say(`I am still busy with what you said before. Say cancel to stop. ${redaction}`.trimEnd());
    }
    const { cancelled } = dialogue;
    await dialogue.queue.add(async () => {
      if (dialogue.cancelled === cancelled) await this.#answer(dialogue, request);
      else if (mayHoldSecret(text)) await room.redact();
    });
    if (dialogue.queue.size === 0 && dialogue.asked === undefined) this.#dialogues.delete(sender);
  }

  async #isHeard({ sender, text, room }: CommandRequest): Promise<boolean> {
    const admission = this.#budgets.admit(sender);
    const isNeeded = this.#dialogues.get(sender)?.running !== undefined && /^cancel$/iu.test(text.trim());
    if (admission === "heard" || isNeeded) return true;
    if (mayHoldSecret(text) || TAKES_SECRET.test(text.trim()) || room.secretMark.isSet) await room.redact();
    if (admission === "refused") room.say(TOO_MUCH);
    return false;
  }

  #cancel(dialogue: Dialogue, room: CommandRoom): void {
    const { running, asked } = dialogue;
    const isIdle = dialogue.queue.size === 0 && asked === undefined && !room.secretMark.isSet;
    dialogue.asked = undefined;
    dialogue.cancelled += 1;
    room.secretMark.clear();
    if (running?.context.isCommitted === true) return room.say(TOO_LATE);
    running?.context.cancel(new UserError("Cancelled."));
    room.say(isIdle ? "There is nothing to cancel." : "Cancelled.");
  }

  // It is what the user wants to be undone.
  #endSignIn(dialogue: Dialogue, room: CommandRoom): void {
    const { running } = dialogue;
    if (running?.isSignIn !== true || running.context.isCommitted) return;
    dialogue.asked = undefined;
    room.secretMark.clear();
    running.context.cancel(new UserError(CALLED_OFF));
    room.say(CALLED_OFF);
  }

  async #answer(dialogue: Dialogue, request: CommandRequest): Promise<void> {
    const { room, isChosen } = request;
    const text = request.text.trim();
    const before = this.#openQuestion(dialogue, room);
    const isHere = before?.roomId === room.roomId;
    const isAnswer = isHere && !isChosen && !yields(before.question, text);
    const question = isAnswer ? before.question : undefined;
    if (question === undefined && !isCommand(text)) {
      if (room.secretMark.isSet) return latePassword(room);
      if (before?.question.secret === "asked") return secretElsewhere(room);
    }
    // Another command takes the place of what was asked.
    if (isHere && !isAnswer && !isChosen) this.#drop(dialogue, room);
    const context = new CommandContext(this.#scope, request);
    dialogue.running = { context, isSignIn: question?.secret !== undefined || SIGNS_IN.test(text) };
    try {
      const run = question?.next ?? runByName;
      // Whatever a cancelled command still does, it is not waited for and has nothing more to say.
      const reply = await untilAborted(Promise.resolve(run(context, text)), context.signal);
      const next = isQuestion(reply) ? reply : undefined;
      for (const page of messagesOf(reply)) room.say(page);
      if (next?.secret !== undefined) {
        // In this order, so that a user who comes in meanwhile is noticed.
        room.secretMark.set(next.secret === "asked");
        await refuseInCompany(room);
      }
      if (isAnswer || next !== undefined) this.#ask(dialogue, room, next);
    } catch (error) {
      if (isAnswer && (!(error instanceof UserError) || error instanceof FinalError)) dialogue.asked = undefined;
      // The user who cancelled has been answered.
      if (context.signal.aborted) return;
      if (!(error instanceof UserError)) throw error;
      room.say(error.message);
    } finally {
      dialogue.running = undefined;
      if (dialogue.asked === undefined && question?.secret !== undefined) room.secretMark.clear();
    }
    const { asked } = dialogue;
    if (asked !== undefined && asked.question !== before?.question) room.say(asked.question.prompt);
  }

  #openQuestion(dialogue: Dialogue, { roomId, secretMark }: CommandRoom): Dialogue["asked"] {
    const { asked } = dialogue;
    if (asked === undefined) return undefined;
    const isCalledOff = asked.question.secret !== undefined && asked.roomId === roomId && secretMark.isCalledOff;
    if (isCalledOff || this.#scope.bridge.clock.now() >= asked.until) dialogue.asked = undefined;
    return dialogue.asked;
  }

  #ask(dialogue: Dialogue, { roomId }: CommandRoom, question: Question | undefined): void {
    dialogue.asked = question && { question, roomId, until: this.#scope.bridge.clock.now() + ANSWER_MS };
  }

  #drop(dialogue: Dialogue, { secretMark }: CommandRoom): void {
    dialogue.asked = undefined;
    secretMark.clear();
  }
}

function messagesOf(reply: Reply): readonly string[] {
  if (reply === undefined || isQuestion(reply)) return [];
  return pagesOf(typeof reply === "string" ? [reply] : reply);
}

function yields({ yieldsTo }: Question, text: string): boolean {
  const isLogin = /^login\s+(?:\S+\s+)?\S+@\S+\s+\S/iu.test(text);
  if (yieldsTo === undefined) return false;
  switch (yieldsTo) {
    case "login":
      return isLogin;
    case "plain-commands":
      return isLogin || (isCommand(text) && /^\S+$|^(?:help|login)\s/iu.test(text));
    case "commands":
      // What belongs to a login is an answer here as well.
      return !isLogin && isCommand(text);
  }
}

// The question itself is forgotten after a while, and after a restart.
async function latePassword(room: CommandRoom): Promise<void> {
  const redaction = await removeSecret(room);
  room.secretMark.clear();
  room.say(`${LATE_PASSWORD} ${redaction}`);
}

// The bridge may have been stopped before it had removed a password.
async function interrupted({ text: said, room }: CommandRequest): Promise<void> {
  const text = said.trim();
  const isAnswer = room.secretMark.isSet && !isCommand(text);
  const isSecret = isAnswer || mayHoldSecret(text) || TAKES_SECRET.test(text);
  const redaction = isSecret ? await removeSecret(room) : "";
  if (isAnswer) room.secretMark.clear();
  room.say(`${INTERRUPTED} ${redaction}`.trimEnd());
}

// The question stays open where it was asked.
async function secretElsewhere(room: CommandRoom): Promise<void> {
  room.say(`${ELSEWHERE} ${await removeSecret(room)}`);
}
