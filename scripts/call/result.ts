/** The result of a call as people read it. */
import type { Result } from "./endpoint.ts";

interface Content {
  readonly type?: string;
  readonly text?: string;
  readonly data?: string;
  readonly mimeType?: string;
  readonly uri?: string;
  readonly name?: string;
  readonly resource?: {
    readonly uri?: string;
    readonly text?: string;
    readonly blob?: string;
    readonly mimeType?: string;
  };
}

/** Text as it is; of anything else, what it is. Structured content is shown where there is no text, which repeats it. */
export function resultText(result: Result): string {
  const { content, structuredContent, resultType } = result;
  if (resultType === "input_required")
    return "the tool asks for something before it answers, which a command cannot give: use a client that can";
  const items = Array.isArray(content) ? (content as Content[]) : [];
  const hasText = items.some(({ type }) => type === "text");
  const structured =
    structuredContent === undefined || hasText ? [] : [JSON.stringify(structuredContent, undefined, 2)];
  const lines = [...items.map(itemText), ...structured];
  return lines.length === 0 ? "(the result is empty)" : lines.join("\n");
}

/** Whether the tool says that it failed, or has not finished. */
export const isFailure = ({ isError, resultType }: Result): boolean =>
  isError === true || resultType === "input_required";

function itemText({ type, text, data = "", mimeType = "", uri = "", name, resource }: Content): string {
  if (type === "text") return text ?? "";
  if (type === "image" || type === "audio") return `[${type}: ${mimeType}, ${sizeOf(data)}]`;
  if (type === "resource_link") return `[resource: ${[name, uri].filter(Boolean).join(", ")}]`;
  if (type === "resource")
    return (
      resource?.text ??
      `[resource: ${resource?.uri ?? ""}, ${resource?.mimeType ?? ""}, ${sizeOf(resource?.blob ?? "")}]`
    );
  return `[${type ?? "something without a type"}]`;
}

/** The size of what is written in Base64. */
function sizeOf(base64: string): string {
  const bytes = Math.floor((base64.replace(/=+$/, "").length * 3) / 4);
  return bytes < 1_024 ? `${bytes} bytes` : `${(bytes / 1_024).toFixed(1)} KiB`;
}
