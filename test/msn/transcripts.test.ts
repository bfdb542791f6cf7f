import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { Stage, type Dialogue, type Dialogues } from "../support/dialogue.ts";
import { parseTranscript, transcript, type Packets } from "../support/transcript.ts";
import { chats } from "./transcripts/chats.ts";
import { contacts } from "./transcripts/contacts.ts";
import { ends } from "./transcripts/ends.ts";
import { errors } from "./transcripts/errors.ts";
import { files } from "./transcripts/files.ts";
import { groups } from "./transcripts/groups.ts";
import { quirksOfBoards } from "./transcripts/quirks-of-boards.ts";
import { quirks } from "./transcripts/quirks.ts";
import { signingIn } from "./transcripts/signing-in.ts";

const DIALOGUES: Dialogues = {
  ...signingIn,
  ...contacts,
  ...chats,
  ...groups,
  ...files,
  ...ends,
  ...errors,
  ...quirks,
  ...quirksOfBoards,
};

// These are in parts and in variations what the tests named here are about.
const PLAYED_BY: Readonly<Record<string, string>> = { login: "client", call: "client", lists: "contacts/contact-list" };

const PACKETS: ReadonlyArray<readonly [packets: Packets, what: string]> = [
  ["lines", "line by line"],
  ["fewest", "in as few packets as can be"],
  ["bytes", "byte by byte"],
];

async function play(name: string, dialogue: Dialogue, packets: Packets): Promise<void> {
  const stage = new Stage(name, dialogue, packets);
  const problems: Error[] = [];
  const note = (error: unknown): void => {
    problems.push(error instanceof Error ? error : new Error("something that is no Error", { cause: error }));
  };
  await dialogue.play(stage).catch(note);
  await stage.servers.done().catch(note);
  // Both sides may have something to say about what went wrong.
  if (problems.length > 0) throw new AggregateError(problems, problems.map(({ message }) => message).join("\n"));
  expect(stage.servers.waiting, "connections that were not made").to.deep.equal([]);
  expect(stage.reports).to.deep.equal(dialogue.reports);
}

describe("msn/transcripts", () => {
  for (const [name, dialogue] of Object.entries(DIALOGUES)) {
    for (const [packets, what] of PACKETS) {
      it(`${name}, ${what}`, () => play(name, dialogue, packets));
    }
  }

  const names = readdirSync(new URL("../transcripts/", import.meta.url)).map((file) => file.replace(/\.txt$/u, ""));

  it("every transcript is played, and everything that is played is there", () => {
    const played = [...Object.keys(DIALOGUES), ...Object.keys(PLAYED_BY)];
    expect(names.toSorted()).to.deep.equal(played.toSorted());
    for (const [name, test] of Object.entries(PLAYED_BY)) {
      const source = readFileSync(new URL(`${test}.test.ts`, import.meta.url), "utf8");
      expect(source, `${name} in ${test}`).to.include(`transcript("${name}")`);
    }
  });

  it("every transcript begins by saying what it shows, and of which kind of server", () => {
    for (const name of names) {
      const [remark = ""] = transcript(name).split("\n\n");
      expect(parseTranscript(remark), name).to.deep.equal([]);
      expect(remark, name)
        .to.match(/\.$/u)
        .and.to.match(/today|official|every kind/iu);
    }
  });

  it("every payload has the length that its line says", () => {
    for (const name of names) {
      const lines = transcript(name).split("\n");
      for (const [at, line] of lines.entries()) {
        // What is sent without a line end of its own is a payload, except where the line end is what it is about.
        if (!/^[CS]\| /u.test(line) || line.endsWith("␊")) continue;
        const [payload] = parseTranscript(line);
        expect(Number(lines[at - 1]?.split(" ").at(-1)), `${name}: ${line}`).to.equal(payload?.bytes.length);
      }
    }
  });
});
