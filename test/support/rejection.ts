/** The error with which a promise is rejected. @throws an Error when it is not */
export async function rejection(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error("rejected with something that is no Error", { cause: error });
  }
  throw new Error("was not rejected");
}
