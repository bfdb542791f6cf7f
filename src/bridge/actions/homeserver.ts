import { MatrixError } from "../../matrix/client/errors.ts";

/** The homeserver is away, or does not do it. */
export type HomeserverFailure =
  { readonly type: "homeserver-away" } | { readonly type: "homeserver-refused"; readonly error: MatrixError };

/** Does something that the homeserver is needed for. What is a fault of ours is thrown. */
export async function withHomeserver<R>(work: () => Promise<R>): Promise<R | HomeserverFailure> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MatrixError) || error.code === "unexpected") throw error;
    return error.retryable ? { type: "homeserver-away" } : { type: "homeserver-refused", error };
  }
}
