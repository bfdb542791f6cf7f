import { z } from "zod";

/** Something that a child of the conductor does when asked: takes JSON values, gives a JSON value. */
export interface Deed {
  run(args: unknown): unknown;
}

const asked = z.object({ id: z.int(), deed: z.string(), args: z.unknown() });

/** A deed with the shape of its arguments. */
export function deed<T>(args: z.ZodType<T>, run: (args: T) => unknown): Deed {
  return { run: (given) => run(args.parse(given)) };
}

/** Does what the conductor asks for, and ends with it. */
export function serve(deeds: Record<string, Deed>): void {
  process.on("message", (message) => void answer(deeds, message));
  process.once("disconnect", () => process.exit(0));
  tell({ event: "ready" });
}

/** Tells the conductor something that it did not ask for. */
export function tell(event: { event: string } & Record<string, unknown>): void {
  process.send?.(event);
}

/** What the conductor wrote on the command line. */
export function startOptions<T>(shape: z.ZodType<T>): T {
  return shape.parse(JSON.parse(process.argv[2] ?? "{}"));
}

async function answer(deeds: Record<string, Deed>, message: unknown): Promise<void> {
  const { id, deed: name, args } = asked.parse(message);
  try {
    const one = deeds[name];
    if (one === undefined) throw new Error(`nobody here does "${name}"`);
    process.send?.({ id, result: (await one.run(args)) ?? null });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
}
