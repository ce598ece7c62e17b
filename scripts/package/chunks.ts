/** How the code of the package is divided into files: few, without making a program load what it does not use. */
import type { OutputOptions } from "rolldown";
import ours from "../../package.json" with { type: "json" };

/**
 * Bytes, unpacked. A smaller file joins the one that most of the same programs load: by itself, its name in the archive and in the
 * imports of others takes more than its code does.
 */
const SMALL = 5_000;

/** What `gangway` loads to find out what it is to do. Whoever runs a gateway with it needs nothing else of ours. */
const first = /stacks[\\/](shipped|project|current-folder)\.ts$|scripts[\\/]kit[\\/](as-typed|runners|print)\.ts$/;

/**
 * Images get a folder of their own with all that a gateway can load, and nothing else; it is divided as Rolldown does by itself, so
 * that a gateway has in memory only what it uses. The version is in the names, so that a program that runs while another version is
 * installed never loads a file of that one. There is nothing else in them, because each is in the imports of many others.
 * @param ofGateway the paths of the modules that a gateway can load
 */
export function chunks(ofGateway: ReadonlySet<string>): Pick<OutputOptions, "chunkFileNames" | "codeSplitting"> {
  const isOfGateway = (path: string) => ofGateway.has(path);
  const shared = { minShareCount: 2, entriesAware: true };
  return {
    chunkFileNames: ({ moduleIds }) => `${moduleIds.some(isOfGateway) ? "gateways/" : ""}chunks/c.${ours.version}.js`,
    codeSplitting: {
      groups: [
        { name: "gateway", priority: 4, test: isOfGateway, ...shared },
        { name: "library", priority: 3, test: /node_modules[\\/]/, ...shared },
        { name: "first", priority: 2, test: first },
        { name: "rest", priority: 1, ...shared, entriesAwareMergeThreshold: SMALL },
      ],
    },
  };
}
