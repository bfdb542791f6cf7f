/** Ends a command with a sentence for the user, or refuses an answer, which they may then give again. */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** Ends a command with a sentence for the user, open questions included. */
export class FinalError extends UserError {
  override readonly name = "FinalError";
}
