/** A document's links, which work on GitHub, made to work on the site. */
import { posix } from "node:path";
import { pages } from "./pages.ts";

/** Matches a code block, inline code, a link, or a picture's file in HTML. Only the last two have groups. */
const CODE_OR_LINK =
  /^(?:```|~~~)[^]*?^(?:```|~~~)|`[^`\n]*`|(!?)\[((?:`[^`]*`|!\[[^\]]*\]\([^)]*\)|[^\]`])*)\]\(([^)\s]+)\)|(?<=\ssrc(?:set)?=")([^"\s]+)(?=")/gm;

export interface Site {
  /** "https://github.com/<owner>/<name>": where sources can be read. @default - they are named, without a link */
  readonly repository?: string | undefined;
  /** What a path in the repository is; undefined: nothing is there. */
  readonly kindOf: (path: string) => "file" | "folder" | undefined;
  /** Called with each picture that a document shows. @returns its address on the site */
  readonly picture: (path: string) => string;
}

/**
 * A document as a page of the site.
 * @throws for a link to a file that does not exist. VitePress does the same for pages
 */
export function pageOf(text: string, file: string, site: Site): string {
  const found = (target: string): string => {
    const path = posix.join(posix.dirname(file), target);
    if (site.kindOf(path) === undefined) throw new Error(`${file} links to ${target}, which does not exist`);
    return path;
  };
  return text.replaceAll(CODE_OR_LINK, (all, mark?: string, label?: string, target?: string, source?: string) => {
    if (source !== undefined) return isElsewhere(source) ? all : site.picture(found(source));
    if (target === undefined || label === undefined || isElsewhere(target)) return all;
    const [path = "", heading] = target.split("#");
    if (mark === "!") return `![${label}](${site.picture(found(path))})`;
    const address = addressOf(found(path), site);
    return address === undefined ? label : `[${label}](${address}${heading === undefined ? "" : `#${heading}`})`;
  });
}

/** A URL, or a place on the same page. */
const isElsewhere = (target: string) => /^(?:[a-z][a-z+.-]*:|#)/i.test(target);

function addressOf(path: string, { repository, kindOf }: Site): string | undefined {
  const readme = posix.join(path, "README.md");
  const page = pages.find(({ file }) => file === path || file === readme);
  if (page !== undefined) return `./${page.at}.md`;
  if (repository === undefined) return undefined;
  return `${repository}/${kindOf(path) === "folder" ? "tree" : "blob"}/HEAD/${path}`;
}
