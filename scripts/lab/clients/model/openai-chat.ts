/** OpenAI's chat completions: `POST /chat/completions`. */
import * as z from "zod/mini";
import { type Answer, type Api, type Heard, type Reply, textIn } from "./api.ts";

const request = z.object({
  model: z.string(),
  stream: z.optional(z.boolean()),
  messages: z.array(z.object({ role: z.string(), content: z.optional(z.unknown()) })),
  tools: z.optional(z.array(z.object({ type: z.literal("function"), function: z.object({ name: z.string() }) }))),
});

export const openaiChat: Api = {
  name: "OpenAI chat completions",
  isAt: (path) => path.endsWith("/chat/completions"),
  read: (body) => {
    const { stream = false, messages, tools = [] } = request.parse(body);
    return {
      tools: tools.map(({ function: { name } }) => ({ name })),
      results: messages.filter(({ role }) => role === "tool").map(({ content }) => textIn(content)),
      isStream: stream,
    };
  },
  write,
};

function write(reply: Reply, { isStream }: Heard): Answer {
  const message = { role: "assistant", ...spoken(reply) };
  const reason = "call" in reply ? "tool_calls" : "stop";
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const about = { id: "chat-1", created: 1, model: "lab" };
  if (!isStream)
    return {
      json: { ...about, object: "chat.completion", choices: [{ index: 0, message, finish_reason: reason }], usage },
    };
  const chunk = (delta: object, finish_reason: string | null) => ({
    ...about,
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason }],
  });
  return { events: [chunk(message, null), { ...chunk({}, reason), usage }, "[DONE]"] };
}

function spoken(reply: Reply): object {
  if ("text" in reply) return { content: reply.text };
  const call = { name: reply.call.name, arguments: JSON.stringify(reply.args) };
  return { content: null, tool_calls: [{ index: 0, id: "call_1", type: "function", function: call }] };
}
