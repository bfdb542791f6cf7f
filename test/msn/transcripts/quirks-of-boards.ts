import type { Content, UnsupportedKind } from "../../../src/msn/index.ts";
import { ARRIVAL, BEN, named, online, said, type Dialogues } from "../../support/dialogue.ts";
import { until } from "../../support/until.ts";

const SHAPES: readonly Content[] = [
  { type: "text", text: "without a type" },
  { type: "text", text: "" },
  { type: "text", text: "" },
  {
    type: "text",
    text: "squeezed",
    style: { bold: false, italic: false, underline: false, strike: false, rightToLeft: false },
    alias: "Ben: the skipper",
  },
  { type: "text", text: "naïve" },
  { type: "text", text: `BYE ${BEN}\nOUT\nMSG ${BEN} Ben 400\n` },
  { type: "text", text: "\nand\nlines\nof both kinds" },
  { type: "nudge" },
  { type: "action", text: "hoists the sails" },
  { type: "unsupported", kind: "wink", contentType: "text/x-msnmsgr-datacast" },
  {
    type: "client-caps",
    fields: new Map([
      ["client-name", "Dinghy/2.1"],
      ["chat-logging", "N"],
    ]),
  },
  { type: "ignored", contentType: "text/x-keepalive" },
  { type: "text", text: "Grüße vom Deich" },
];

const P2P = "application/x-msnmsgrp2p";

/** What is left of what clients say to ours: undefined for what nobody has to know. */
const WANTED: ReadonlyArray<UnsupportedKind | undefined> = [
  // A picture; then an acknowledgement, somebody else's, nobody's, no packet, half a packet, and half of what follows.
  ...Array.from({ length: 7 }, () => undefined),
  "file",
  // The end of a session.
  undefined,
  "ink",
  "photos",
  "webcam",
  "game",
  "other",
];

export const quirksOfBoards: Dialogues = {
  "peer-to-peer": {
    play: online(async (stage) => {
      await stage.all();
    }),
    reports: [
      ...ARRIVAL,
      named(BEN, "Ben"),
      ...WANTED.map((kind) =>
        said(
          BEN,
          "Ben",
          kind === undefined ? { type: "ignored", contentType: P2P } : { type: "unsupported", kind, contentType: P2P },
        ),
      ),
    ],
  },
  "message-shapes": {
    play: online(async (stage) => {
      const ben = stage.client.conversation(BEN);
      await stage.all();
      await until("ben was put out", () => ben.present.size === 0);
    }),
    reports: [...ARRIVAL, named(BEN, "Ben"), ...SHAPES.map((content) => said(BEN, "Ben", content))],
  },
};
