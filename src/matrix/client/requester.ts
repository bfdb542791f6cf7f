import type { z } from "zod";
import { MatrixError, toMatrixError } from "./errors.ts";

export type Method = "GET" | "PUT" | "POST" | "DELETE";

export interface RequestOptions {
  query?: Record<string, string | number>;
  body?: object;
  /** For each try, in milliseconds; one minute if not given. */
  timeoutMs?: number;
}

/** Asks the homeserver in the name of one user. */
export interface Requester {
  /** The homeserver's time, in milliseconds since the epoch, less that of our clock, where that is known. */
  readonly serverAheadMs?: number | undefined;
  request(method: Method, path: string, options?: RequestOptions): Promise<unknown>;
}

/**
 * One request whose answer has to look as `schema` says.
 * @throws MatrixError
 */
export async function checkedRequest<T>(
  requester: Requester,
  schema: z.ZodType<T>,
  method: Method,
  path: string,
  options: RequestOptions,
  userId: string,
): Promise<T> {
  const doing = (): string => `${method} ${path} as ${userId}`;
  let answer: unknown;
  try {
    answer = await requester.request(method, path, options);
  } catch (error) {
    throw toMatrixError(error, doing());
  }
  const checked = schema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new MatrixError("bad-answer", `${doing()}: the answer is not one of a Matrix homeserver`);
}
