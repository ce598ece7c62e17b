/** OpenAI's responses: `POST /responses`. Codex puts the tools of a server into a namespace. */
import * as z from "zod/mini";
import { type Answer, type Api, type Heard, type Offered, type Reply, textIn } from "./api.ts";

const tool = z.object({
  type: z.string(),
  name: z.optional(z.string()),
  tools: z.optional(z.array(z.object({ name: z.optional(z.string()) }))),
});

const request = z.object({
  model: z.string(),
  stream: z.optional(z.boolean()),
  input: z.union([z.string(), z.array(z.object({ type: z.optional(z.string()), output: z.optional(z.unknown()) }))]),
  tools: z.optional(z.array(tool)),
});

export const openaiResponses: Api = {
  name: "OpenAI responses",
  isAt: (path) => path.endsWith("/responses"),
  read: (body) => {
    const { stream = false, input, tools = [] } = request.parse(body);
    const items = typeof input === "string" ? [] : input;
    return {
      tools: tools.flatMap(offered),
      results: items.filter(({ type }) => type === "function_call_output").map(({ output }) => textIn(output)),
      isStream: stream,
    };
  },
  write,
};

function offered({ name, type, tools = [] }: z.infer<typeof tool>): Offered[] {
  const own = name === undefined || type === "namespace" ? [] : [{ name }];
  const members = tools.flatMap((member) =>
    member.name === undefined ? [] : [{ name: member.name, namespace: name }],
  );
  return [...own, ...members];
}

function write(reply: Reply, { isStream }: Heard): Answer {
  const item = itemOf(reply);
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const response = { id: "resp_1", object: "response", created_at: 1, model: "lab" };
  const completed = { ...response, status: "completed", output: [item], usage };
  if (!isStream) return { json: completed };
  return {
    events: [
      { type: "response.created", response: { ...response, status: "in_progress", output: [] } },
      { type: "response.output_item.added", output_index: 0, item },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: completed },
    ].map((event, sequence_number) => ({ ...event, sequence_number })),
  };
}

function itemOf(reply: Reply): object {
  const about = { id: "item_1", status: "completed" };
  if ("text" in reply)
    return {
      ...about,
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text: reply.text, annotations: [] }],
    };
  const { name, namespace } = reply.call;
  return {
    ...about,
    type: "function_call",
    call_id: "call_1",
    name,
    ...(namespace !== undefined && { namespace }),
    arguments: JSON.stringify(reply.args),
  };
}
