/** A terminal's text as an SVG that suits a light and a dark page. */

/** Colours and weights by their SGR code. */
const styles: Readonly<Record<string, string>> = {
  "1": "bold",
  "2": "dim",
  "31": "red",
  "32": "green",
  "33": "yellow",
  "36": "cyan",
};

const style = `
  .page{fill:#f6f8fa;stroke:#d1d9e0} text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;fill:#1f2328;white-space:pre}
  .bold{font-weight:600} .dim{fill:#59636e} .red{fill:#d1242f} .green{fill:#1a7f37} .yellow{fill:#9a6700} .cyan{fill:#0969da}
  @media (prefers-color-scheme:dark){.page{fill:#151b23;stroke:#3d444d} text{fill:#e6edf3} .dim{fill:#9198a1} .red{fill:#f85149} .green{fill:#3fb950}
  .yellow{fill:#d29922} .cyan{fill:#4493f8}}`;

const lineHeight = 19;
const characterWidth = 7.83;
const margin = 18;

/** @param text with the colours of a terminal (SGR), and without anything else that acts on one */
export function picture(text: string, title: string): string {
  const lines = text.trimEnd().split("\n");
  const columns = Math.max(...lines.map((line) => plain(line).length));
  const [width, height] = [Math.ceil(columns * characterWidth) + 2 * margin, lines.length * lineHeight + 2 * margin];
  const drawn = lines.map(
    (line, index) => `<text x="${margin}" y="${margin + 13 + index * lineHeight}">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(plain(text.trimEnd()))}</desc>
<style>${style}</style>
<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${drawn.join("\n")}
</svg>
`;
}

// oxlint-disable-next-line no-control-regex -- it is what it looks for
const SGR = /\x1b\[([\d;]*)m/;

const plain = (text: string) => text.replaceAll(new RegExp(SGR, "g"), "");

function spans(line: string): string {
  let classes: readonly string[] = [];
  return line
    .split(SGR)
    .map((part, index) => {
      if (index % 2 === 0) return span(part, classes);
      classes = part.split(";").reduce(after, classes);
      return "";
    })
    .join("");
}

/** The styles that hold after a code. Those that end a style end all: ours are never nested. */
function after(classes: readonly string[], code: string): readonly string[] {
  const name = styles[code];
  return name === undefined ? [] : [...classes, name];
}

function span(text: string, classes: readonly string[]): string {
  if (text === "" || classes.length === 0) return escaped(text);
  return `<tspan class="${classes.join(" ")}">${escaped(text)}</tspan>`;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
