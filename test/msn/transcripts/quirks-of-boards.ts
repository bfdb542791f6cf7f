import type { Content } from "../../../src/msn/index.ts";
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
  { type: "unknown", contentType: "text/x-msnmsgr-datacast" },
  {
    type: "client-caps",
    fields: new Map([
      ["client-name", "Dinghy/2.1"],
      ["chat-logging", "N"],
    ]),
  },
  { type: "unknown", contentType: "text/x-keepalive" },
  { type: "text", text: "Grüße vom Deich" },
];

export const quirksOfBoards: Dialogues = {
  "message-shapes": {
    play: online(async (stage) => {
      const ben = stage.client.conversation(BEN);
      await stage.all();
      await until("ben was put out", () => ben.present.size === 0);
    }),
    reports: [...ARRIVAL, named(BEN, "Ben"), ...SHAPES.map((content) => said(BEN, "Ben", content))],
  },
};
