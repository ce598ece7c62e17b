/** The site: VitePress with its own theme. It asks no other host for anything: no fonts, no search service, no counters. */
import { sections } from "./pages.ts";

interface Markdown {
  readonly renderer: { readonly rules: { code_inline?: (...args: never[]) => string } };
}

/** Vue would take braces in inline code for an expression. */
function keepBraces({ renderer: { rules } }: Markdown): void {
  const render = rules.code_inline;
  if (render !== undefined) rules.code_inline = (...args) => render(...args).replaceAll("{{", "&#123;&#123;");
}

export default {
  title: "Gangway",
  description: "Puts MCP servers online, as code",
  base: process.env["SITE_BASE"] ?? "/",
  srcDir: ".gangway/pages",
  cacheDir: ".gangway/cache",
  outDir: "../../.gangway/site",
  markdown: { config: keepBraces },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    sidebar: sections.map(({ title, pages }) => ({
      text: title,
      items: pages.map((page) => ({ text: page.title, link: page.at === "index" ? "/" : `/${page.at}` })),
    })),
    ...(process.env["SITE_REPOSITORY"] && {
      socialLinks: [{ icon: "github", link: process.env["SITE_REPOSITORY"] }],
    }),
  },
};
