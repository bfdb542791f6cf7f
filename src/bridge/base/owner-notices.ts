import type { NoticeAnswer } from "../../store/notices.ts";

/** What a notice is about. What is said later about the same is an edit of what was said before. */
export interface Topic {
  readonly about: string;
  /** Nothing more will be said about it. */
  readonly isLast?: boolean;
  /** Reactions that the bot offers, each with the command that it stands for. */
  readonly answers?: readonly NoticeAnswer[];
}

/** Tells users something as the bot. The folders below the bot know it by this. */
export interface OwnerNotices {
  /** Tells a user something in the room with the bot; promised once this returns. @throws what the disk throws */
  tell(owner: string, sentence: string, topic?: Topic): void;
  /** Whether something was said about a thing that is not over, by an earlier run too. */
  hasTold(about: string): boolean;
}
