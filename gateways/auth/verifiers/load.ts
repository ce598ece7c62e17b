/** Finds the verifier that the option `verify` names: one of ours, or a module of the project's own. */
import { pathToFileURL } from "node:url";
import { codaVerifier } from "./coda.ts";
import { firecrawlVerifier } from "./firecrawl.ts";
import { githubVerifier } from "./github.ts";
import { isVerifier, type VerifierName } from "./names.ts";
import { ApiUnavailable, type Verifier, type VerifyToken } from "./verifier.ts";

const ours: Readonly<Record<VerifierName, () => Verifier>> = {
  coda: () => codaVerifier(),
  github: () => githubVerifier(),
  firecrawl: () => firecrawlVerifier(),
};

/** @param verify one of our names, or the path of a module, which is loaded when the first token comes */
export const verifierOf = (verify: string): Verifier => (isVerifier(verify) ? ours[verify]() : moduleVerifier(verify));

/** Principals are called after the file: `mycopa` for `auth/mycopa.verify.ts`. */
function moduleVerifier(path: string): Verifier {
  const file = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const [name = ""] = file.split(".");
  let loaded: Promise<VerifyToken> | undefined;
  const load = () => (loaded ??= functionIn(path));
  return {
    name: name.toLowerCase().replace(/[^a-z0-9-]+/g, "-") || "api",
    verifyToken: async (token) => (await load())(token),
  };
}

/** A module that cannot be loaded can say of no token that it is wrong. @throws ApiUnavailable */
async function functionIn(path: string): Promise<VerifyToken> {
  const loaded = await importFrom(path);
  const verifyToken = loaded["verifyToken"] ?? loaded["default"];
  if (typeof verifyToken === "function") return verifyToken as VerifyToken;
  throw new ApiUnavailable(`${path} exports no function verifyToken`);
}

async function importFrom(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new ApiUnavailable(`${path} cannot be loaded: ${(error as Error).message}`);
  }
}
