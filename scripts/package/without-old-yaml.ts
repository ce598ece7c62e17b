/**
 * The library `yaml` without the schemas that we ask it for nowhere: those of JSON and of YAML 1.1, with its dates, sets and binary
 * data. A client's file says nothing in them; what it says with such a tag all the same is still found, as the text that it is.
 */
import type { Plugin } from "rolldown";

const folder = String.raw`node_modules[\\/]yaml[\\/]browser[\\/]dist[\\/]schema[\\/]`;

/** Types of YAML 1.1, each with what its module exports. */
const types = {
  binary: ["binary"],
  omap: ["omap", "YAMLOMap"],
  pairs: ["pairs", "createPairs", "resolvePairs"],
  set: ["set", "YAMLSet"],
  timestamp: ["timestamp", "intTime", "floatTime"],
} as const;

/** Leaves them out of a bundle. */
export const withoutOldYaml = {
  name: "without-old-yaml",
  load: {
    filter: {
      id: new RegExp(`${folder}(yaml-1\\.1[\\\\/](${Object.keys(types).join("|")}|schema)|json[\\\\/]schema)\\.js$`),
    },
    handler: (path) => {
      const name = /(\w+)\.js$/.exec(path)![1] as keyof typeof types | "schema";
      if (name === "schema") return `export { schema } from "../core/schema.js";\n`;
      return types[name].map((one) => `export const ${one} = undefined;\n`).join("");
    },
  },
} satisfies Plugin;
