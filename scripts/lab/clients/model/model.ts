/** A model that calls one tool and then says that it is done: the APIs of three vendors on one port of loopback. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { anthropic } from "./anthropic.ts";
import type { Answer, Api, Heard, Reply } from "./api.ts";
import { gemini } from "./gemini.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiResponses } from "./openai-responses.ts";

const apis: readonly Api[] = [anthropic, openaiChat, openaiResponses, gemini];

/** The tool that is to be called. */
export interface Wanted {
  /** How its name ends, whatever the client puts before it. */
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the model has heard while it wanted one thing. */
export interface Conversation {
  /** The tools that the client has offered it, by the names that it gives them. */
  readonly offered: Set<string>;
  /** What tools have answered: each text once. */
  readonly results: Set<string>;
  /** Requests that it could not take, each with the reason. */
  readonly problems: string[];
}

/** A model that serves. */
export interface Model {
  /** `http://127.0.0.1:<port>`, to which clients add the path of their API. */
  readonly url: string;
  /** From now on it wants this. */
  readonly begin: (wanted: Wanted) => Conversation;
  readonly close: () => Promise<void>;
}

const newConversation = (): Conversation => ({ offered: new Set(), results: new Set(), problems: [] });

/** Starts a model that wants nothing yet. */
export async function startModel(): Promise<Model> {
  let wanted: Wanted | undefined;
  let conversation = newConversation();
  const hear = (heard: Heard): Reply => {
    heard.results.forEach((result) => conversation.results.add(result));
    heard.tools.forEach(({ name }) => conversation.offered.add(name));
    return replyTo(heard, wanted);
  };
  const server = createServer((request, response) => {
    answerTo(request, hear).then(
      (answer) => send(response, answer),
      (error: Error) => {
        conversation.problems.push(`${request.method} ${request.url}: ${error.message}`);
        response.writeHead(404, { "content-type": "application/json" });
        response.end(JSON.stringify({ error: { message: error.message } }));
      },
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    begin: (next) => {
      wanted = next;
      return (conversation = newConversation());
    },
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

/** One call of the tool, once it is offered; after its answer, or without it, a word. */
function replyTo({ tools, results }: Heard, wanted: Wanted | undefined): Reply {
  const call = wanted && tools.find(({ name }) => name.endsWith(wanted.tool));
  return call && results.length === 0 ? { call, args: wanted.args } : { text: "Done." };
}

/** @throws Error when no API is there, or it takes no such body */
async function answerTo(request: IncomingMessage, reply: (heard: Heard) => Reply): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://model");
  if (request.method === "GET" && pathname.endsWith("/models"))
    return { json: { object: "list", data: [{ id: "lab", object: "model" }] } };
  const api = apis.find((one) => request.method === "POST" && one.isAt(pathname));
  if (api === undefined) throw new Error("no API of a model is here");
  const heard = api.read(JSON.parse(await text(request)), pathname);
  return api.write(reply(heard), heard);
}

function send(response: ServerResponse, answer: Answer): void {
  if ("json" in answer) {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.json));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of answer.events) {
    const name = typeof event === "object" && typeof event["type"] === "string" ? `event: ${event["type"]}\n` : "";
    response.write(`${name}data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`);
  }
  response.end();
}
