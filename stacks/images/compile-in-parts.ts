/**
 * A program of one file is compiled in parts. Node compiles a module as a whole, and what it needs for that stays with the
 * process. In a function it is only looked through at first, and each part is compiled when it is called: for the gateway that
 * is 0.7 MB less.
 */
import type { Plugin } from "rolldown";

type Program = ReturnType<ThisParameterType<Extract<Plugin["renderChunk"], CallableFunction>>["parse"]>;

/** Puts everything but the imports into a function. @throws Error when the file exports something: it is for programs */
export const compileInParts = {
  name: "compile-in-parts",
  renderChunk(code) {
    const { body } = this.parse(code);
    const text = ({ start, end }: { start: number; end: number }) => code.slice(start, end);
    const imports = body.filter(({ type }) => type === "ImportDeclaration");
    const rest = body.filter((one) => one.type !== "ImportDeclaration" && !isEmptyExport(one));
    if (rest.some(({ type }) => type.startsWith("Export"))) throw new Error("a program of one file exports nothing");
    const shebang = /^#!.*\n/.exec(code)?.[0] ?? "";
    // Node compiles a function at once if it is called where it stands.
    const program = ["async function program() {", ...rest.map(text), "}", "await program();"];
    return shebang + [...imports.map(text), ...program, ""].join("\n");
  },
} satisfies Plugin;

/** `export {};` says only that the file is a module. */
const isEmptyExport = (one: Program["body"][number]) =>
  one.type === "ExportNamedDeclaration" && one.declaration === null && one.specifiers.length === 0;
