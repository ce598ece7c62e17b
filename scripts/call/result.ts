/** The result of a call as people read it. */
import type { Result } from "./endpoint.ts";
import { documentOf, fields, items, words } from "./said.ts";

/** Text as it is; of anything else, what it is. Structured content is shown where there is no text, which repeats it. */
export function resultText(result: Result): string {
  const { content, structuredContent, resultType } = result;
  if (resultType === "input_required")
    return "the tool asks for something before it answers, which a command cannot give: use a client that can";
  const parts = items(content).map(fields);
  const hasText = parts.some(({ type }) => type === "text");
  const structured = structuredContent === undefined || hasText ? [] : [documentOf(structuredContent)];
  const lines = [...parts.map(partText), ...structured];
  return lines.length === 0 ? "(the result is empty)" : lines.join("\n");
}

/** Whether the tool says that it failed, or has not finished. */
export const isFailure = ({ isError, resultType }: Result): boolean =>
  isError === true || resultType === "input_required";

function partText(part: Readonly<Record<string, unknown>>): string {
  const [type, text, name, uri] = ["type", "text", "name", "uri"].map((field) => words(part[field]));
  if (type === "text") return text ?? "";
  if (type === "image" || type === "audio") return `[${type}: ${kindAndSize(part["mimeType"], part["data"])}]`;
  if (type === "resource_link") return `[resource: ${[name, uri].filter(Boolean).join(", ")}]`;
  if (type === "resource") return resourceText(fields(part["resource"]));
  return `[${type ?? "something without a type"}]`;
}

const resourceText = ({ uri, text, mimeType, blob }: Readonly<Record<string, unknown>>): string =>
  words(text) ?? `[resource: ${words(uri) ?? ""}, ${kindAndSize(mimeType, blob)}]`;

const kindAndSize = (mimeType: unknown, base64: unknown) => `${words(mimeType) ?? ""}, ${sizeOf(words(base64) ?? "")}`;

/** The size of what is written in Base64. */
function sizeOf(base64: string): string {
  const bytes = Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
  return bytes < 1_024 ? `${bytes} bytes` : `${(bytes / 1_024).toFixed(1)} KiB`;
}
