/** Who is told of events, in the order in which they happen. */
export interface EventSink<E> {
  report(event: E): void;
}
