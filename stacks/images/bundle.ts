/** The gateway as one file, which needs nothing but Node. */
import { rolldown } from "rolldown";

const entry = new URL("../../gateways/main.ts", import.meta.url);

/** The same sources always make the same text, wherever they lie and from wherever this is run. */
export async function bundleGateway(): Promise<string> {
  const bundle = await rolldown({
    input: entry.pathname,
    platform: "node",
    logLevel: "silent",
    experimental: { attachDebugInfo: "none" }, // each module's path from the current folder
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  return output[0].code;
}
