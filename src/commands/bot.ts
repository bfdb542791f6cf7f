import type { CommandRequest, RunCommand } from "../bridge/command-request.ts";
import type { Clock } from "../util/clock.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { SerialQueue } from "../util/serial-queue.ts";
import { FinalError, UserError, type Question } from "./command.ts";
import { isCommand, runByName } from "./index.ts";
import { mayHoldPassword, removePassword } from "./login.ts";

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
}

const TOO_LATE = "It is too late to cancel that. Nothing of what you said after it is done.";
const LATE_PASSWORD =
  "I had asked for a password or a token, so I took this for it, but I cannot use it any more. Say login again.";

const WAITING_LIMIT = 20;
// Longer than looking up a password takes; after that a word is a command again.
const ANSWER_MS = 10 * 60_000;

/** The other end of every conversation with the bot: one command after the other for each person, and `cancel` at once. */
export class Bot {
  readonly #clock: Clock;
  readonly #dialogues = new Map<string, Dialogue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Understands and runs what somebody said, and answers her. */
  readonly run: RunCommand = async (request) => {
    const dialogue = this.#dialogues.get(request.sender) ?? {
      queue: new SerialQueue(WAITING_LIMIT),
      cancelled: 0,
    };
    this.#dialogues.set(request.sender, dialogue);
    if (/^cancel$/iu.test(request.text.trim())) return this.#cancel(dialogue, request);
    if (dialogue.queue.size >= WAITING_LIMIT)
      return request.say("I am still busy with what you said before. Say cancel to stop.");
    const { cancelled } = dialogue;
    await dialogue.queue.add(async () => {
      if (dialogue.cancelled === cancelled) await this.#answer(dialogue, request);
      else if (mayHoldPassword(request.text)) await request.redact();
    });
    if (dialogue.queue.size === 0 && dialogue.asked === undefined) this.#dialogues.delete(request.sender);
  };

  async #cancel(dialogue: Dialogue, request: CommandRequest): Promise<void> {
    const { running, asked } = dialogue;
    const isIdle = dialogue.queue.size === 0 && asked === undefined && !request.asksPassword.isSet;
    dialogue.asked = undefined;
    dialogue.cancelled += 1;
    request.asksPassword.clear();
    if (running?.isCommitted === true) return request.say(TOO_LATE);
    running?.controller.abort(new UserError("Cancelled."));
    await request.say(isIdle ? "There is nothing to cancel." : "Cancelled.");
  }

  async #answer(dialogue: Dialogue, request: CommandRequest): Promise<void> {
    const before = this.#openQuestion(dialogue);
    const isAnswer = before !== undefined && before.roomId === request.roomId && request.isChosen !== true;
    const question = isAnswer ? before.question : undefined;
    if (question === undefined && request.asksPassword.isSet && !isCommand(request.text)) return latePassword(request);
    const running = new AbortController();
    const state: Running = { controller: running, isCommitted: false };
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
      if (isAnswer || next !== undefined) this.#ask(dialogue, request, next);
    } catch (error) {
      if (isAnswer && (!(error instanceof UserError) || error instanceof FinalError)) dialogue.asked = undefined;
      // Whoever cancelled has been answered.
      if (running.signal.aborted) return;
      if (!(error instanceof UserError)) throw error;
      await request.say(error.message);
    } finally {
      dialogue.running = undefined;
      if (question?.isSecret === true && dialogue.asked === undefined) request.asksPassword.clear();
    }
    const { asked } = dialogue;
    if (asked !== undefined && asked.question !== before?.question) await request.say(asked.question.prompt);
  }

  #openQuestion(dialogue: Dialogue): Dialogue["asked"] {
    if (dialogue.asked !== undefined && this.#clock.now() >= dialogue.asked.until) dialogue.asked = undefined;
    return dialogue.asked;
  }

  #ask(dialogue: Dialogue, { roomId, asksPassword }: CommandRequest, question: Question | undefined): void {
    // On disk, since the bridge may be stopped before the answer comes.
    if (question?.isSecret === true) asksPassword.set();
    dialogue.asked = question && { question, roomId, until: this.#clock.now() + ANSWER_MS };
  }
}

// The question itself is forgotten after a while, and after a restart.
async function latePassword(request: CommandRequest): Promise<void> {
  const redaction = await removePassword(request);
  request.asksPassword.clear();
  await request.say(`${LATE_PASSWORD} ${redaction}`);
}
