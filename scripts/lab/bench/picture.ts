#!/usr/bin/env node
/** Draws the results of a run as bars: node scripts/lab/bench/picture.ts <results.json> > picture.svg */
import { readFileSync } from "node:fs";
import { barsOf, type Panel, panels } from "./picture-panels.ts";
import { howMeasured, type Results } from "./results.ts";

const width = 1080;
const columns = 2;
const panelWidth = width / columns;
const rowHeight = 22;
const headHeight = 52;
const titleHeight = 64;
const nameWidth = 118;
const barWidth = 130;
const margin = 16;

// Readable on either background: we cannot know which one the viewer has.
const style = `
  .page{fill:#ffffff} text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1f2328} .title{font-size:17px;font-weight:600}
  .head{font-size:14px;font-weight:600} .quiet{fill:#59636e} .ratios{font-size:11px} .strong{font-weight:600}
  .ours{fill:#0969da} .floor{fill:#9aa4ae} .peer{fill:#bc6c25}
  @media (prefers-color-scheme:dark){.page{fill:#0d1117} text{fill:#e6edf3} .quiet{fill:#9198a1}
  .ours{fill:#4493f8} .floor{fill:#6e7681} .peer{fill:#d29922}}`;

/** The picture: one panel for each figure that matters to someone who chooses a gateway. */
export function picture(results: Results): string {
  const drawn = panels.filter((panel) => barsOf(panel, results).some(({ kind }) => kind === "ours"));
  const panelHeight = headHeight + results.targets.length * rowHeight + margin;
  const height = titleHeight + Math.ceil(drawn.length / columns) * panelHeight + margin;
  const placed = drawn.map((panel, index) => {
    const [x, y] = [(index % columns) * panelWidth, titleHeight + Math.floor(index / columns) * panelHeight];
    return `<g transform="translate(${x + margin} ${y})">${panelOf(panel, results)}</g>`;
  });
  const { machine } = results;
  const where = `${machine.date.slice(0, 10)}, Node ${machine.node}, ${machine.cores} x ${machine.cpu}; ${howMeasured(results)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">Gangway beside other gateways</title>
<desc id="desc">${escaped(description(drawn, results))}</desc>
<style>${style}</style>
<rect class="page" width="${width}" height="${height}"/>
<text class="title" x="${margin}" y="30">Gangway with every check on, beside gateways that check nothing (floor) and two others</text>
<text class="quiet" x="${margin}" y="50">${escaped(where)}</text>
${placed.join("\n")}
</svg>
`;
}

function panelOf(panel: Panel, results: Results): string {
  const bars = barsOf(panel, results);
  const most = Math.max(...bars.map(({ value }) => value));
  const rows = bars.map(({ target, kind, value, shown, ratios }, index) => {
    const y = headHeight + index * rowHeight;
    const length = Math.max(2, (value / most) * barWidth);
    const label = `<text x="${nameWidth + length + 6}" y="${y + 12}"><tspan class="strong">${shown}</tspan> <tspan class="quiet ratios">${escaped(ratios)}</tspan></text>`;
    const name = `<text x="${nameWidth - 8}" y="${y + 12}" text-anchor="end">${escaped(target)}</text>`;
    return `${name}<rect class="${kind}" x="${nameWidth}" y="${y}" width="${length.toFixed(1)}" height="16" rx="2"/>${label}`;
  });
  const better = panel.less ? "less is better" : "more is better";
  return `<text class="head" x="0" y="20">${escaped(panel.title)}</text><text class="quiet" x="0" y="38">${escaped(panel.unit)}, ${better}</text>${rows.join("")}`;
}

/** All figures as sentences, for readers who cannot see the bars. */
const description = (drawn: readonly Panel[], results: Results) =>
  drawn
    .map((panel) => {
      const bars = barsOf(panel, results).map(({ target, shown, ratios }) => `${target} ${shown} ${ratios}`.trim());
      return `${panel.title} (${panel.unit}): ${bars.join("; ")}.`;
    })
    .join(" ");

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) throw new Error("expected a file with results: node picture.ts <results.json>");
  process.stdout.write(picture(JSON.parse(readFileSync(file, "utf8")) as Results));
}
