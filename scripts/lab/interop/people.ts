/** Clients that take requests from the server: each answers with its own name, so that a mix-up is noticed. */
import { textOf } from "./clients.ts";

export interface Person {
  readonly name: string;
  readonly call: (tool: string, args: Record<string, unknown>, onprogress?: (seen: unknown) => void) => Promise<string>;
  readonly close: () => Promise<void>;
}

const capabilities = { sampling: {}, elicitation: {}, roots: {} };

const answersOf = (name: string) => ({
  sampling: { role: "assistant" as const, model: name, content: { type: "text" as const, text: `${name} thinks` } },
  elicitation: { action: "accept" as const, content: { name } },
  roots: { roots: [{ uri: `file:///home/${name}`, name }] },
});

/** A person on the SDK's v1 client. */
export async function openV1Person(url: string, name: string): Promise<Person> {
  const { Client } = await import("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const schemas = await import("@modelcontextprotocol/sdk/types.js");
  const client = new Client({ name, version: "1.0.0" }, { capabilities });
  const answers = answersOf(name);
  client.setRequestHandler(schemas.CreateMessageRequestSchema, () => answers.sampling);
  client.setRequestHandler(schemas.ElicitRequestSchema, () => answers.elicitation);
  client.setRequestHandler(schemas.ListRootsRequestSchema, () => answers.roots);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  return {
    name,
    call: async (tool, args, onprogress) =>
      textOf(await client.callTool({ name: tool, arguments: args }, undefined, onprogress && { onprogress })),
    close: () => close(transport, client),
  };
}

/** A person on the SDK's v2 client. */
export async function openV2Person(url: string, name: string): Promise<Person> {
  const { Client, StreamableHTTPClientTransport } = await import("@modelcontextprotocol/client");
  const client = new Client({ name, version: "1.0.0" }, { capabilities });
  const answers = answersOf(name);
  client.setRequestHandler("sampling/createMessage", () => answers.sampling);
  client.setRequestHandler("elicitation/create", () => answers.elicitation);
  client.setRequestHandler("roots/list", () => answers.roots);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport);
  return {
    name,
    call: async (tool, args, onprogress) =>
      textOf(await client.callTool({ name: tool, arguments: args }, onprogress && { onprogress })),
    close: () => close(transport, client),
  };
}

async function close(
  transport: { terminateSession(): Promise<void> },
  client: { close(): Promise<void> },
): Promise<void> {
  await transport.terminateSession();
  await client.close();
}
