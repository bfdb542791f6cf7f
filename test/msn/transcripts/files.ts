import { expect } from "chai";
import { answerTo, type Invitation, type OutgoingInvitation } from "../../../src/msn/index.ts";
import { ARRIVAL, BEN, named, online, said, type Dialogues, type Report, type Stage } from "../../support/dialogue.ts";

const DELIVERED = { state: "delivered" } as const;

function invited(invitation: Invitation): Report {
  return said(BEN, "Ben", { type: "invitation", invitation });
}

/** Sends invitations; only bad news of them is waited for, so that the results come later, all at once. */
class Invitations {
  readonly #stage: Stage;
  readonly #fates: Array<Promise<unknown>> = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  send(invitation: OutgoingInvitation | undefined): void {
    if (invitation === undefined) throw new Error("there is nothing to send");
    this.#fates.push(this.#stage.client.conversation(BEN).send({ type: "invitation", invitation }));
  }

  /** What the contact answers. */
  async answer(): Promise<Invitation> {
    const { content } = await this.#stage.next("content");
    if (content.type !== "invitation") throw new Error(`${content.type} instead of an invitation`);
    return content.invitation;
  }

  async settle(): Promise<void> {
    await this.#stage.clock.advance(5000);
    expect(await Promise.all(this.#fates)).to.deep.equal(this.#fates.map(() => DELIVERED));
  }
}

export const files: Dialogues = {
  "file-in": {
    play: online(async (stage) => {
      const invitations = new Invitations(stage);
      const offer = await invitations.answer();
      expect(answerTo(offer)).to.equal(undefined);
      invitations.send({ type: "accept", cookie: "48213" });
      const where = await invitations.answer();
      expect(where).to.have.nested.property("transfer.port", 6892);
      expect(await invitations.answer()).to.have.property("file", "tides.xls");
      invitations.send({ type: "cancel", cookie: "48214", code: "REJECT" });
      invitations.send(answerTo(await invitations.answer()));
      await stage.all();
      await invitations.settle();
    }),
    reports: [
      ...ARRIVAL,
      named(BEN, "Ben"),
      invited({ type: "file-invite", cookie: "48213", file: "Seekarte Süd.png", size: 70_144 }),
      invited({
        type: "accept",
        cookie: "48213",
        transfer: { address: "198.51.100.23", port: 6892, authCookie: "3350127", senderConnect: false },
      }),
      invited({ type: "file-invite", cookie: "48214", file: "tides.xls", size: 900 }),
      invited({
        type: "foreign",
        cookie: "48215",
        applicationGuid: "{44BBA842-CC51-11CF-AAFA-00AA00B6015C}",
        name: "NetMeeting",
      }),
      invited({ type: "file-invite", cookie: "48216", file: "log.txt", size: 0 }),
      invited({ type: "cancel", cookie: "48216", code: "OUTBANDCANCEL" }),
    ],
  },
  "file-out": {
    play: online(async (stage) => {
      const invitations = new Invitations(stage);
      invitations.send({ type: "file-invite", cookie: "70331", file: "Törn im Mai.txt", size: 5120 });
      expect(await invitations.answer()).to.deep.equal({ type: "accept", cookie: "70331" });
      const transfer = { address: "203.0.113.60", port: 6895, authCookie: "611902", senderConnect: false };
      invitations.send({ type: "accept", cookie: "70331", transfer });
      invitations.send({ type: "file-invite", cookie: "70332", file: "sails.bmp", size: 88, connectivity: false });
      expect(await invitations.answer()).to.have.nested.property("transfer.senderConnect", true);
      invitations.send({ type: "cancel", cookie: "70332", code: "FTTIMEOUT" });
      invitations.send({ type: "file-invite", cookie: "70333", file: "knots.doc", size: 2045 });
      expect(await invitations.answer()).to.include({ type: "cancel", code: "REJECT" });
      await invitations.settle();
    }),
    reports: [
      ...ARRIVAL,
      named(BEN, "Ben"),
      invited({ type: "accept", cookie: "70331" }),
      invited({
        type: "accept",
        cookie: "70332",
        transfer: { address: "198.51.100.24", port: 6891, authCookie: "90017", senderConnect: true },
      }),
      invited({ type: "cancel", cookie: "70333", code: "REJECT" }),
    ],
  },
};
