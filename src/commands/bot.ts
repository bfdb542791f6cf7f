import type { CommandRequest as Said, CommandRunner } from "../bridge/inbound/command-request.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { SerialQueue } from "../util/serial-queue.ts";
import { FinalError, UserError, type Question } from "./command.ts";
import { isCommand, runByName } from "./index.ts";
import { requestOf, type CommandRequest, type CommandScope } from "./request.ts";
import { mayHoldSecret, refuseInCompany, removeSecret } from "./secret.ts";

/** What is going on with one person. */
interface Dialogue {
  /** What she says is dealt with in order. */
  readonly queue: SerialQueue;
  /** What is being done for her; aborted by `cancel`. */
  running?: Running | undefined;
  /** What she was asked, in which room, and until when the answer counts. */
  asked?: { readonly question: Question; readonly roomId: string; readonly until: number } | undefined;
  /** Counts what was cancelled: what was said before the last time is not done any more. */
  cancelled: number;
}

interface Running {
  readonly controller: AbortController;
  /** It has come so far that it goes on to its end. */
  isCommitted: boolean;
  /** It waits for a server that may never answer. */
  readonly isSignIn: boolean;
}

const CALLED_OFF = "The sign-in was cancelled.";
const TOO_LATE = "It is too late to cancel that. Nothing of what you said after it is done.";
const LATE_PASSWORD =
  "I had asked for a password or a token, so I took this for it, but I cannot use it any more. Say login again.";
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

/** The other end of every conversation with the bot: one command after the other for each person, and `cancel` at once. */
export class Bot implements CommandRunner {
  readonly #scope: CommandScope;
  readonly #dialogues = new Map<string, Dialogue>();

  constructor(scope: CommandScope) {
    this.#scope = scope;
  }

  /** Understands and runs what somebody said, and answers her. */
  async run(said: Said): Promise<void> {
    const request = requestOf(said, this.#scope);
    if (request.isInterrupted === true) return interrupted(request);
    const dialogue = this.#dialogues.get(request.sender) ?? {
      queue: new SerialQueue(WAITING_LIMIT),
      cancelled: 0,
    };
    this.#dialogues.set(request.sender, dialogue);
    if (/^cancel$/iu.test(request.text.trim())) return this.#cancel(dialogue, request);
    if (/^logout(?:\s|$)/iu.test(request.text.trim())) await this.#endSignIn(dialogue, request);
    if (dialogue.queue.size >= WAITING_LIMIT) {
      const redaction = mayHoldSecret(request.text) ? await removeSecret(request) : "";
      return request.say(`I am still busy with what you said before. Say cancel to stop. ${redaction}`.trimEnd());
    }
    const { cancelled } = dialogue;
    await dialogue.queue.add(async () => {
      if (dialogue.cancelled === cancelled) await this.#answer(dialogue, request);
      else if (mayHoldSecret(request.text)) await request.redact();
    });
    if (dialogue.queue.size === 0 && dialogue.asked === undefined) this.#dialogues.delete(request.sender);
  }

  async #cancel(dialogue: Dialogue, request: CommandRequest): Promise<void> {
    const { running, asked } = dialogue;
    const isIdle = dialogue.queue.size === 0 && asked === undefined && !request.secretMark.isSet;
    dialogue.asked = undefined;
    dialogue.cancelled += 1;
    request.secretMark.clear();
    if (running?.isCommitted === true) return request.say(TOO_LATE);
    running?.controller.abort(new UserError("Cancelled."));
    await request.say(isIdle ? "There is nothing to cancel." : "Cancelled.");
  }

  // It is what the person wants to be undone.
  async #endSignIn(dialogue: Dialogue, request: CommandRequest): Promise<void> {
    const { running } = dialogue;
    if (running?.isSignIn !== true || running.isCommitted) return;
    dialogue.asked = undefined;
    request.secretMark.clear();
    running.controller.abort(new UserError(CALLED_OFF));
    await request.say(CALLED_OFF);
  }

  async #answer(dialogue: Dialogue, request: CommandRequest): Promise<void> {
    const before = this.#openQuestion(dialogue, request);
    const isHere = before?.roomId === request.roomId;
    const isAnswer = isHere && request.isChosen !== true && !yields(before.question, request.text.trim());
    const question = isAnswer ? before.question : undefined;
    if (question === undefined && !isCommand(request.text)) {
      if (request.secretMark.isSet) return latePassword(request);
      if (before?.question.secret === "asked") return secretElsewhere(request);
    }
    // Another command takes the place of what was asked.
    if (isHere && !isAnswer && request.isChosen !== true) this.#drop(dialogue, request);
    const running = new AbortController();
    const isSignIn = question?.secret !== undefined || SIGNS_IN.test(request.text.trim());
    const state: Running = { controller: running, isCommitted: false, isSignIn };
    dialogue.running = state;
    try {
      const run = question?.next ?? runByName;
      // Whatever a cancelled command still does, it is not waited for and has nothing more to say.
      const say = (text: string): Promise<void> => (running.signal.aborted ? Promise.resolve() : request.say(text));
      const commit = (): void => {
        running.signal.throwIfAborted();
        state.isCommitted = true;
      };
      const answer = run({ ...request, say, commit }, request.text.trim(), running.signal);
      const next = await untilAborted(answer, running.signal);
      if (next?.secret !== undefined) {
        // In this order, so that whoever comes in meanwhile is noticed.
        request.secretMark.set(next.secret === "asked");
        await refuseInCompany(request);
      }
      if (isAnswer || next !== undefined) this.#ask(dialogue, request, next);
    } catch (error) {
      if (isAnswer && (!(error instanceof UserError) || error instanceof FinalError)) dialogue.asked = undefined;
      // Whoever cancelled has been answered.
      if (running.signal.aborted) return;
      if (!(error instanceof UserError)) throw error;
      await request.say(error.message);
    } finally {
      dialogue.running = undefined;
      if (dialogue.asked === undefined && question?.secret !== undefined) request.secretMark.clear();
    }
    const { asked } = dialogue;
    if (asked !== undefined && asked.question !== before?.question) await request.say(asked.question.prompt);
  }

  #openQuestion(dialogue: Dialogue, { roomId, secretMark }: CommandRequest): Dialogue["asked"] {
    const { asked } = dialogue;
    if (asked === undefined) return undefined;
    const isCalledOff = asked.question.secret !== undefined && asked.roomId === roomId && secretMark.isCalledOff;
    if (isCalledOff || this.#scope.clock.now() >= asked.until) dialogue.asked = undefined;
    return dialogue.asked;
  }

  #ask(dialogue: Dialogue, { roomId }: CommandRequest, question: Question | undefined): void {
    dialogue.asked = question && { question, roomId, until: this.#scope.clock.now() + ANSWER_MS };
  }

  #drop(dialogue: Dialogue, { secretMark }: CommandRequest): void {
    dialogue.asked = undefined;
    secretMark.clear();
  }
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
async function latePassword(request: CommandRequest): Promise<void> {
  const redaction = await removeSecret(request);
  request.secretMark.clear();
  await request.say(`${LATE_PASSWORD} ${redaction}`);
}

// The bridge may have been stopped before it had removed a password.
async function interrupted(request: CommandRequest): Promise<void> {
  const text = request.text.trim();
  const isAnswer = request.secretMark.isSet && !isCommand(text);
  const isSecret = isAnswer || mayHoldSecret(text) || TAKES_SECRET.test(text);
  const redaction = isSecret ? await removeSecret(request) : "";
  if (isAnswer) request.secretMark.clear();
  await request.say(`${INTERRUPTED} ${redaction}`.trimEnd());
}

// The question stays open where it was asked.
async function secretElsewhere(request: CommandRequest): Promise<void> {
  await request.say(`${ELSEWHERE} ${await removeSecret(request)}`);
}
