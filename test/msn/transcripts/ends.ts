import { expect } from "chai";
import {
  ARRIVAL,
  BEN,
  named,
  online,
  said,
  words,
  type Dialogue,
  type Dialogues,
  type Stage,
} from "../../support/dialogue.ts";
import { until } from "../../support/until.ts";

const DELIVERED = { state: "delivered" } as const;

/** How sessions end in which the server has the last word: signed in, the caller acts, and is told why. */
function ended(code: string, act: (stage: Stage) => Promise<void>): Dialogue["play"] {
  return async (stage) => {
    await stage.client.connect();
    await stage.next("presence");
    await act(stage);
    const { error } = await stage.next("closed");
    expect(error).to.have.property("code", code);
    expect(stage.client.isConnected).to.equal(false);
    expect(stage.client.status).to.equal("FLN");
    expect(stage.client.roster.contacts.get(BEN)).to.include({ name: "Ben", status: "FLN" });
  };
}

async function write(stage: Stage, text: string): Promise<void> {
  expect(await stage.client.conversation(BEN).send({ type: "text", text })).to.deep.equal(DELIVERED);
}

export const ends: Dialogues = {
  kicked: {
    play: ended("signed-in-elsewhere", async (stage) => {
      await write(stage, "I am on my way");
      await stage.client.changeStatus("NLN");
    }),
    reports: [...ARRIVAL, named(BEN, "Ben"), { type: "closed", error: "signed-in-elsewhere" }],
  },
  maintenance: {
    play: async (stage) => {
      const play = ended("server-busy", async () => {
        await write(stage, "Can you still read me?");
        await stage.client.changeStatus("NLN");
      });
      await play(stage);
      await write(stage, "The server is gone");
      await stage.client.disconnect();
    },
    reports: [
      ...ARRIVAL,
      named(BEN, "Ben"),
      { type: "notice", notice: { type: "maintenance", minutes: 3 } },
      { type: "closed", error: "server-busy" },
    ],
  },
  "sign-out": {
    play: async (stage) => {
      await stage.client.connect();
      await write(stage, "Good night");
      await stage.client.disconnect();
      expect(stage.client.roster.contacts.get(BEN)?.status).to.equal("FLN");
    },
    reports: [...ARRIVAL, named(BEN, "Ben"), said(BEN, "Ben", words("Sleep well"))],
  },
  moved: {
    play: async (stage) => {
      const { client } = stage;
      await ended("connection-closed", () => client.changeStatus("NLN"))(stage);
      await online(() => {
        expect(client.isConnected).to.equal(true);
      })(stage);
    },
    reports: [...ARRIVAL, { type: "closed", error: "connection-closed" }, ...ARRIVAL],
  },
  lost: {
    play: async (stage) => {
      await ended("connection-closed", () => stage.client.changeStatus("NLN"))(stage);
      await ended("connection-closed", () => stage.client.changeStatus("NLN"))(stage);
      await until("both have ended", () => stage.events.filter(({ type }) => type === "closed").length === 2);
    },
    reports: [
      ...ARRIVAL,
      { type: "closed", error: "connection-closed" },
      ...ARRIVAL,
      { type: "closed", error: "connection-closed" },
    ],
  },
};
