/** Google's Gemini: `POST /v1beta/models/<model>:generateContent`, or `:streamGenerateContent`. */
import * as z from "zod/mini";
import { type Answer, type Api, type Heard, type Reply, textIn } from "./api.ts";

const part = z.object({ functionResponse: z.optional(z.object({ name: z.string(), response: z.unknown() })) });

const request = z.object({
  contents: z.array(z.object({ parts: z.optional(z.array(part)) })),
  tools: z.optional(z.array(z.object({ functionDeclarations: z.optional(z.array(z.object({ name: z.string() }))) }))),
});

export const gemini: Api = {
  name: "Gemini",
  isAt: (path) => /:(streamG|g)enerateContent$/.test(path),
  read: (body, path) => {
    const { contents, tools = [] } = request.parse(body);
    const parts = contents.flatMap((content) => content.parts ?? []);
    return {
      tools: tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations),
      results: parts.flatMap(({ functionResponse }) => (functionResponse ? [textIn(functionResponse.response)] : [])),
      isStream: path.includes(":stream"),
    };
  },
  write,
};

function write(reply: Reply, { isStream }: Heard): Answer {
  const own = "call" in reply ? { functionCall: { name: reply.call.name, args: reply.args } } : { text: reply.text };
  const document = {
    candidates: [{ index: 0, content: { role: "model", parts: [own] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    modelVersion: "lab",
  };
  return isStream ? { events: [document] } : { json: document };
}
