/** Lets the loop go round once, so that a long piece of work keeps nobody else waiting. */
export async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
