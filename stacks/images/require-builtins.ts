/**
 * Node's own modules are required in a bundle, although our sources import them. An import reads every member of such a
 * module, also those that are there only to load something large when they are used: `node:http` loads the whole of fetch and
 * WebSocket like this. An idle gateway would need a fifth more memory, and longer to start.
 */
import type { Plugin } from "rolldown";

type Program = ReturnType<ThisParameterType<Extract<Plugin["renderChunk"], CallableFunction>>["parse"]>;
type ImportDeclaration = Extract<Program["body"][number], { type: "ImportDeclaration" }>;

/** What makes `require` is imported itself. It is small. */
const MAKER = "node:module";
const HEAD = `import { createRequire as makeRequire } from "${MAKER}";\nconst requireBuiltin = makeRequire(import.meta.url);\n`;

/** Rewrites the chunks of a bundle, after what is unused has been left out. */
export const requireBuiltins = {
  name: "require-builtins",
  renderChunk(code) {
    const imports = this.parse(code).body.filter((statement) => isOfBuiltin(statement));
    if (imports.length === 0) return null;
    const [{ start }] = imports as [ImportDeclaration];
    let rewritten = code;
    for (const one of imports.toReversed())
      rewritten = rewritten.slice(0, one.start) + required(one) + rewritten.slice(one.end);
    return rewritten.slice(0, start) + HEAD + rewritten.slice(start);
  },
} satisfies Plugin;

function isOfBuiltin(statement: Program["body"][number]): statement is ImportDeclaration {
  const { type } = statement;
  return type === "ImportDeclaration" && statement.source.value.startsWith("node:") && statement.source.value !== MAKER;
}

/** `import { join as at } from "node:path"` becomes `const { join: at } = requireBuiltin("node:path")`. */
function required({ source, specifiers }: ImportDeclaration): string {
  const whole = specifiers.filter(({ type }) => type !== "ImportSpecifier").map(({ local }) => local.name);
  const members = specifiers.flatMap((one) =>
    one.type === "ImportSpecifier" ? [`${nameOf(one.imported)}: ${one.local.name}`] : [],
  );
  const targets = members.length > 0 ? [...whole, `{ ${members.join(", ")} }`] : whole;
  const value = `requireBuiltin(${JSON.stringify(source.value)})`;
  if (targets.length === 0) return `${value};`;
  return `const ${targets.map((target) => `${target} = ${value}`).join(", ")};`;
}

type Imported = Extract<ImportDeclaration["specifiers"][number], { type: "ImportSpecifier" }>["imported"];
const nameOf = (imported: Imported) =>
  imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value);
