/** What a person types behind `npm start --` and `npm run verify --`. */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** The flags and the names behind them. */
export interface Arguments {
  readonly help: boolean;
  readonly json: boolean;
  /** Only for verify: the hub, or the deployment, that it asks. */
  readonly url: string | undefined;
  readonly env: string | undefined;
  readonly names: readonly string[];
}

/** @throws Error for a flag that is not there, with those that are */
export function parseArguments(argv: readonly string[], verb: "start" | "verify"): Arguments {
  const options = { help: { type: "boolean", short: "h" }, json: { type: "boolean" } } satisfies ParseArgsOptionsConfig;
  const all =
    verb === "verify" ? { ...options, url: { type: "string" } as const, env: { type: "string" } as const } : options;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: all, allowPositionals: true });
    const { help = false, json = false, ...others } = values;
    const { url, env } = others as { url?: string; env?: string };
    return { help, json, url, env, names: positionals };
  } catch (error) {
    const flags = Object.keys(all).map((name) => `--${name}`);
    throw new Error(`${(error as Error).message.split(".")[0]}. There are: ${flags.join(", ")}.`, { cause: error });
  }
}
