import type { Login } from "../bridge/login.ts";
import { MsnError } from "../msn/index.ts";
import type { Command } from "./command.ts";

export const ping: Command = {
  name: "ping",
  usage: "",
  help: "tells how your logins are, and how fast MSN answers",
  needs: "login",
  run: async (request) => {
    const lines = await Promise.all(request.logins.of(request.sender).map(describe));
    await request.say(lines.join("\n"));
  },
};

async function describe(login: Login): Promise<string> {
  const who = `${login.row.passport} on ${login.networkName}`;
  const { state } = login.session;
  switch (state.type) {
    case "connected":
      return `${who}: signed in since ${time(state.since)}; ${await roundTrip(login)}.`;
    case "connecting":
      return `${who}: signing in right now.`;
    case "waiting":
      return `${who}: not connected (${state.error.message}); next try at ${time(state.until)}.`;
    case "stopped":
      return `${who}: signed out (${state.error.message}). Say login to sign in again.`;
    case "logged-out":
      return `${who}: logged out. Say login to sign in again.`;
  }
}

async function roundTrip(login: Login): Promise<string> {
  try {
    return `the server answered in ${await login.session.ping()} ms`;
  } catch (error) {
    if (!(error instanceof MsnError)) throw error;
    return `but the server did not answer just now: ${error.message}`;
  }
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
