/** What a tool call answered, for a person: text, images, sound, links, and values as a tree. */
import { jsonTree } from "./json-tree.ts";
import { element, type Child, type Element } from "./markup.ts";
import { cut, json } from "./text.ts";

/** Characters of a text, and of an image or a sound in Base64. */
const TEXT = 100_000;
const MEDIA = 8_000_000;
/** Blocks that are drawn at most. */
const BLOCKS = 200;

const IMAGES = /^image\/(png|jpeg|gif|webp)$/;
const SOUNDS = /^audio\/(wav|x-wav|mpeg|mp3|ogg|webm|mp4|aac|flac)$/;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The answer as a person reads it.
 * @param response the JSON-RPC response, as it came
 */
export function resultView(response: unknown): Element {
  const { result, error } = fieldsOf(response);
  if (error !== undefined) return refused(fieldsOf(error));
  const { content, structuredContent, isError } = fieldsOf(result);
  const blocks = Array.isArray(content) ? (content as unknown[]) : [];
  return element(
    "div",
    { class: "result" },
    isError === true ? element("p", { class: "problem" }, "The tool reports an error.") : undefined,
    blocks.slice(0, BLOCKS).map((block) => blockView(fieldsOf(block))),
    blocks.length > BLOCKS ? note(`${blocks.length - BLOCKS} more parts are in the response.`) : undefined,
    structuredContent === undefined
      ? undefined
      : [element("p", { class: "title" }, "Structured content"), jsonTree(structuredContent)],
    blocks.length === 0 && structuredContent === undefined ? note("The tool answered without content.") : undefined,
  );
}

const refused = ({ code, message, data }: Fields): Element =>
  element(
    "div",
    { class: "result" },
    element("p", { class: "problem" }, `Error ${text(code)}: ${text(message)}`),
    data === undefined ? undefined : jsonTree(data),
  );

function blockView(block: Fields): Child {
  switch (block["type"]) {
    case "text":
      return textView(text(block["text"]));
    case "image":
      return media(block, IMAGES, (src, type) => element("img", { src, alt: `Image from the tool (${type})` }));
    case "audio":
      return media(block, SOUNDS, (src, type) =>
        element("audio", { src, controls: true, "aria-label": `Sound from the tool (${type})` }),
      );
    case "resource_link":
      return linked(block);
    case "resource":
      return embedded(fieldsOf(block["resource"]));
    default:
      return [note(`A part of an unknown type: ${cut(text(block["type"]), 100)}`), jsonTree(block)];
  }
}

/** A text that is JSON is easier to read with indentation. */
function textView(said: string): Element {
  const pretty = /^\s*[[{]/.test(said) && said.length <= TEXT ? indented(said) : undefined;
  return element("pre", { tabindex: 0, class: pretty === undefined ? "prose" : "json" }, pretty ?? cut(said, TEXT));
}

function indented(said: string): string | undefined {
  try {
    return json(JSON.parse(said), TEXT);
  } catch {
    return undefined;
  }
}

function media({ data, mimeType }: Fields, allowed: RegExp, draw: (src: string, type: string) => Element): Element {
  const type = text(mimeType);
  const encoded = text(data);
  if (!allowed.test(type)) return note(`Data of type ${cut(type, 100)}, which this page does not show.`);
  if (encoded.length > MEDIA) return note(`Data of type ${type}, too large to show (${encoded.length} characters).`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return note(`Data of type ${type} that is not Base64.`);
  return draw(`data:${type};base64,${encoded}`, type);
}

function linked({ uri, name, title, description }: Fields): Element {
  const what = text(title ?? name ?? uri);
  return element(
    "p",
    { class: "link" },
    link(text(uri), what),
    description === undefined ? undefined : element("span", { class: "muted" }, ` ${cut(text(description), 1_000)}`),
  );
}

/**
 * Only what a browser opens as a page is a link. What runs (`javascript:`) or leads elsewhere is text. Whatever the tool calls it,
 * the reader sees where it leads.
 */
function link(uri: string, what: string): Child {
  const shown = cut(what, 500);
  const title = /^https?:\/\//i.test(uri)
    ? element("a", { href: uri, rel: "noopener noreferrer", target: "_blank" }, shown)
    : element("span", {}, shown);
  return what === uri ? title : [title, " ", element("code", {}, cut(uri, 500))];
}

function embedded({ uri, mimeType, text: said, blob }: Fields): Child {
  const title = element(
    "p",
    { class: "link" },
    link(text(uri), text(uri)),
    element("span", { class: "muted" }, ` ${cut(text(mimeType), 100)}`),
  );
  if (said !== undefined) return [title, textView(text(said))];
  if (IMAGES.test(text(mimeType))) return [title, blockView({ type: "image", data: blob, mimeType })];
  return [title, note(`Binary data, ${text(blob).length} characters of Base64.`)];
}

const note = (said: string): Element => element("p", { class: "muted" }, said);

const fieldsOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

const text = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined ? "" : json(value, TEXT);
