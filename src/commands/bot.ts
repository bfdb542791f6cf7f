import type { CommandRequest, RunCommand } from "../bridge/command-request.ts";
import type { Clock } from "../util/clock.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { SerialQueue } from "../util/serial-queue.ts";
import { FinalError, UserError, type Question } from "./command.ts";
import { runByName } from "./index.ts";
import { mayHoldPassword } from "./login.ts";

/** What is going on with one person. */
interface Dialogue {
  /** What she says is dealt with in order. */
  readonly queue: SerialQueue;
  /** What is being done for her; aborted by `cancel`. */
  running?: AbortController | undefined;
  /** What she was asked, in which room, and until when the answer counts. */
  asked?: { readonly question: Question; readonly roomId: string; readonly until: number } | undefined;
  /** Counts what was cancelled: what was said before the last time is not done any more. */
  cancelled: number;
}

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
    dialogue.asked = undefined;
    dialogue.cancelled += 1;
    running?.abort(new UserError("Cancelled."));
    const isIdle = dialogue.queue.size === 0 && asked === undefined;
    await request.say(isIdle ? "There is nothing to cancel." : "Cancelled.");
  }

  async #answer(dialogue: Dialogue, request: CommandRequest): Promise<void> {
    const running = new AbortController();
    dialogue.running = running;
    const question = this.#openQuestion(dialogue, request.roomId);
    try {
      const run = question?.next ?? runByName;
      // Whatever a cancelled command still does, it is not waited for and has nothing more to say.
      const say = (text: string): Promise<void> => (running.signal.aborted ? Promise.resolve() : request.say(text));
      const answer = run({ ...request, say }, request.text.trim(), running.signal);
      this.#ask(dialogue, request, await untilAborted(answer, running.signal));
    } catch (error) {
      if (!(error instanceof UserError) || error instanceof FinalError) dialogue.asked = undefined;
      // Whoever cancelled has been answered.
      if (running.signal.aborted) return;
      if (!(error instanceof UserError)) throw error;
      await request.say(error.message);
    } finally {
      dialogue.running = undefined;
    }
    const next = dialogue.asked?.question;
    if (next !== undefined && next !== question) await request.say(next.prompt);
  }

  #openQuestion(dialogue: Dialogue, roomId: string): Question | undefined {
    const { asked } = dialogue;
    return asked !== undefined && asked.roomId === roomId && this.#clock.now() < asked.until
      ? asked.question
      : undefined;
  }

  #ask(dialogue: Dialogue, { roomId }: CommandRequest, question: Question | undefined): void {
    dialogue.asked = question && { question, roomId, until: this.#clock.now() + ANSWER_MS };
  }
}
