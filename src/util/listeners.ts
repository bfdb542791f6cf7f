/**
 * What a listener threw: it is its owner's fault and must not end what was only reporting. It is thrown again outside,
 * where Node treats it as any uncaught error.
 */
export function throwOutside(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/**
 * Calls the listeners of an event (`rawListeners` of its emitter), each whatever the others do or throw (`throwOutside`).
 */
export function callListeners<A extends unknown[]>(
  listeners: ReadonlyArray<(...args: A) => unknown>,
  emitter: object,
  ...args: A
): void {
  for (const listener of listeners) {
    try {
      Reflect.apply(listener, emitter, args);
    } catch (error) {
      throwOutside(error);
    }
  }
}
