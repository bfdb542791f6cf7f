import { onSqliteCall } from "./sqlite-calls.ts";

// Loaded first by the tests and by the bridges that they start. Where MSN_TEST_COMMIT_MS is set, every commit to a file
// takes that many milliseconds longer, and like a real disk holds up its process meanwhile: small machines have disks that
// take that long for what must be durable.

// In milliseconds.
const commitMs = Number(process.env["MSN_TEST_COMMIT_MS"] ?? 0);
if (commitMs > 0) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  onSqliteCall(({ committed }) => {
    if (committed) Atomics.wait(never, 0, 0, commitMs);
  });
}
