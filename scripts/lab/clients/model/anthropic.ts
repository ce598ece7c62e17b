/** Anthropic's messages: `POST /v1/messages`. */
import * as z from "zod/mini";
import { type Answer, type Api, type Heard, type Reply, textIn } from "./api.ts";

const block = z.object({ type: z.string(), content: z.optional(z.unknown()) });

const request = z.object({
  model: z.string(),
  max_tokens: z.number(),
  stream: z.optional(z.boolean()),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
  tools: z.optional(z.array(z.object({ name: z.string() }))),
});

export const anthropic: Api = {
  name: "Anthropic messages",
  isAt: (path) => path.endsWith("/messages"),
  read: (body) => {
    const { stream = false, messages, tools = [] } = request.parse(body);
    const blocks = messages.flatMap(({ content }) => (typeof content === "string" ? [] : content));
    return {
      tools: tools.map(({ name }) => ({ name })),
      results: blocks.filter(({ type }) => type === "tool_result").map(({ content }) => textIn(content)),
      isStream: stream,
    };
  },
  write,
};

function write(reply: Reply, { isStream }: Heard): Answer {
  const isCall = "call" in reply;
  const about = { id: "msg_1", type: "message", role: "assistant", model: "lab", stop_sequence: null };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const stop_reason = isCall ? "tool_use" : "end_turn";
  const start = isCall ? { type: "tool_use", id: "toolu_1", name: reply.call.name } : { type: "text" };
  const whole = isCall ? { ...start, input: reply.args } : { ...start, text: reply.text };
  if (!isStream) return { json: { ...about, content: [whole], stop_reason, usage } };
  const delta = isCall
    ? { type: "input_json_delta", partial_json: JSON.stringify(reply.args) }
    : { type: "text_delta", text: reply.text };
  return {
    events: [
      { type: "message_start", message: { ...about, content: [], stop_reason: null, usage } },
      {
        type: "content_block_start",
        index: 0,
        content_block: { ...start, ...(isCall ? { input: {} } : { text: "" }) },
      },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage },
      { type: "message_stop" },
    ],
  };
}
