// Run as a process of its own: copies a database, as an admin or their backup program would.
import { argv } from "node:process";
import Sqlite from "better-sqlite3";

const [path = "", copy = "", way] = argv.slice(2);
const database = new Sqlite(path);
if (way === "backup") await database.backup(copy);
else database.prepare("VACUUM INTO ?").run(copy);
database.close();
