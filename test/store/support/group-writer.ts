// Run as a process of its own: commits rows in groups without end. It prints "begun" and the number of a group inside of its
// transaction, after the first of its rows, and "done" once it has been told that the group is on disk. With a second
// argument it stops for ever inside of that group.
import { writeSync } from "node:fs";
import { argv } from "node:process";
import { openDatabase } from "../../../src/store/database.ts";

const [path, stopIn] = argv.slice(2);
const database = openDatabase(path ?? "");
database.exec("CREATE TABLE part (of_group INTEGER, part INTEGER)");
const insert = database.prepare("INSERT INTO part VALUES (?, ?)");
const say = (line: string): void => void writeSync(1, `${line}\n`);

for (let group = 1; ; group += 1) {
  await Promise.all(
    [1, 2, 3].map((part) =>
      database.commit(() => {
        insert.run(group, part);
        if (part !== 1) return;
        say(`begun ${group}`);
        if (group === Number(stopIn)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }),
    ),
  );
  say(`done ${group}`);
}
