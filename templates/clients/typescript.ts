import type { SnippetClient } from "./format.ts";

export const typescript: SnippetClient = {
  id: "typescript",
  title: "TypeScript",
  checked: { version: "@modelcontextprotocol/client 2.4.0", how: "live" },
  tokenBy: "reference",
  kind: "typescript",
  text: ({ url, token }) => {
    const init = token && `requestInit: { headers: { Authorization: \`Bearer \${process.env.${token.variable}}\` } },`;
    return `import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const transport = new StreamableHTTPClientTransport(new URL(${JSON.stringify(url)})${init ? `, {\n  ${init}\n}` : ""});
const client = new Client({ name: "my-program", version: "1.0.0" });
await client.connect(transport);
const { tools } = await client.listTools();
for (const { name } of tools) console.log(name);
await client.close();`;
  },
  note: () => "It needs: npm install @modelcontextprotocol/client",
};
