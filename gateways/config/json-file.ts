/** Reads JSON as people and editors write it in files of settings. */

/** A text, which stays as it is, or a comment. */
const TEXT_OR_COMMENT = /("(?:[^"\\]|\\.)*")|\/\/.*|\/\*[^]*?\*\//g;

/** A text, which stays as it is, or a comma before a closing bracket. */
const TEXT_OR_LAST_COMMA = /("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g;

/**
 * JSON with comments, a comma after the last value, or a byte order mark in front, as the files of VS Code, Zed and OpenCode
 * and those of Windows' editors have it. Everything keeps its line and column, for what is said about a mistake.
 * @throws SyntaxError when it is no JSON all the same
 */
export function parseFile(text: string): unknown {
  const json = text
    .replace(/^\ufeff/, "")
    .replace(TEXT_OR_COMMENT, blank)
    .replace(TEXT_OR_LAST_COMMA, blank);
  return JSON.parse(json);
}

const blank = (found: string, kept?: string): string => kept ?? found.replace(/[^\r\n]/g, " ");
