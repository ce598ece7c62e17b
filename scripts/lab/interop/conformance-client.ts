/** The program that the conformance suite runs as the client under test: the SDK's own client, as it logs in anywhere. */
import { type Generation, logIn } from "./logging-in.ts";

const [generation = "v2", url = ""] = process.argv.slice(2);
const context = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}") as {
  readonly client_id?: string;
  readonly client_secret?: string;
};

const { client_id, client_secret } = context;
const client = await logIn(generation as Generation, url, follow, {
  clientMetadataUrl: "https://conformance-test.local/client-metadata.json",
  registered: client_id === undefined ? undefined : { client_id, ...(client_secret && { client_secret }) },
});
for (const name of await client.tools()) await client.call(name, {});
await client.close();

/** The suite's login asks nothing: it redirects at once. */
async function follow(to: URL): Promise<URL> {
  const { headers } = await fetch(to, { redirect: "manual" });
  return new URL(headers.get("location")!, to);
}
