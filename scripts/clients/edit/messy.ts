/** Makes texts for tests, as messy as what people keep in their home folders. */

/** @returns a whole number from 0, less than `below` */
type Random = (below: number) => number;

const MARK = "\uFEFF";

/** How a text is written. */
function styleOf(random: Random) {
  const pick = <T>(...all: readonly T[]) => all[random(all.length)] as T;
  const eol = pick("\n", "\r\n");
  const finished = (lines: readonly string[]) =>
    `${pick("", "", MARK)}${lines.join("\n")}${pick("", "\n", "\n\n")}`.replaceAll("\n", eol);
  return { pick, finished, many: () => Array.from({ length: 1 + random(3) }, (_, at) => `server-${at}`) };
}

/** JSON with comments, trailing commas and any indentation. It has other servers, or an empty `mcpServers`. */
export function messyJson(random: Random): string {
  const { pick, finished, many } = styleOf(random);
  const unit = pick("  ", "    ", "\t", "");
  const isCompact = pick(false, false, false, true);
  const trailing = pick("", ",");
  const remark = () =>
    isCompact ? pick("", "/* x */") : pick("", "", ' // it\'s {a} comment, "b": 1', " /* two\n lines */");
  const map = (members: readonly string[], depth: number) => {
    const lead = isCompact ? pick("", " ") : `\n${unit.repeat(depth + 1)}`;
    const aside = () => pick("", "", " /* x */");
    const own = members.map(
      (member, at) => `${member}${aside()}${at < members.length - 1 ? "," : trailing}${remark()}`,
    );
    if (members.length === 0) return "{}";
    const loose = isCompact ? "" : pick("", `\n${unit}// "mcpServers": {}`);
    return `{${own.map((one) => `${lead}${one}`).join("")}${loose}${isCompact ? "" : `\n${unit.repeat(depth)}`}}`;
  };
  const server = (name: string) =>
    `"${name}":${pick("", " ")}${map(['"command": "npx"', '"args": ["-y", "a // b", "\\u0041"]'], 2)}`;
  const servers = `"mcpServers": ${map(pick(true, true, false) ? many().map(server) : [], 1)}`;
  return finished([
    map([...pick([], ['"n": 1e3'], ['"mcpServers": null', '"a": "\\"}"']), servers, ...pick([], ['"z": []'])], 0),
  ]);
}

/** TOML with tables in any order, dotted and quoted keys, comments and texts of several lines. */
export function messyToml(random: Random): string {
  const { pick, finished, many } = styleOf(random);
  const remark = () => pick("", "", "  # it's [a] comment, b = 1");
  const server = (name: string) => [
    ...pick([], [""], ["", "", "# of a person"]),
    `${pick("", "  ")}[ mcp_servers . ${pick(name, `"${name}"`, `'${name}'`)} ]${remark()}`,
    `${pick("", "\t")}command${pick("=", " = ")}${pick("'npx'", '"npx"', '"""\nnpx\n[mcp_servers.mine]"""')}${remark()}`,
    ...pick([], ["args = [ # some", "  'a]',", '  "#b",', "]"], ["env = { A = 'b' }", "env2.x.y = 1"]),
    ...pick([], [`[mcp_servers.${name}.env3]`, "A = 1979-05-27T07:32:00Z"]),
  ];
  const first = [
    ...pick([], ["# the first"]),
    `model = "x"${remark()}`,
    ...pick([], ["", "big = 9223372036854775807"]),
  ];
  const other = pick([], ["[[profiles]]", "a = 1", "[[profiles]]", "[profiles.mcp_servers.mine]", "b = 2"]);
  const servers = pick(
    many().flatMap(server),
    ["[mcp_servers]", ...many().map((name) => `${name} = { command = 'npx' }${remark()}`)],
    ["[mcp_servers]", ...many().map((name) => `${name}.command = 'npx'${remark()}`)],
    [],
  );
  return finished([...first, ...pick([...servers, ...other], [...other, ...servers])]);
}

/** YAML with comments, texts of several lines, anchors and what is written on one line. It has other servers, or `{}`. */
export function messyYaml(random: Random): string {
  const { pick, finished, many } = styleOf(random);
  const unit = pick("  ", "    ");
  const remark = () => pick("", "", "  # it's {a} comment: b");
  const server = (name: string) => [
    ...pick([], ["", `${unit}# of a person`]),
    `${unit}${pick(name, `"${name}"`, `'${name}'`)}:${remark()}`,
    `${unit}${unit}command: ${pick("npx", '"npx"', "'n: px'", `>-\n${unit.repeat(3)}npx\n\n${unit.repeat(3)}more`)}`,
    ...pick([], [`${unit}${unit}args: [a, "b # c"]${remark()}`], [`${unit}${unit}args:`, `${unit}${unit}- a`]),
  ];
  const lines = ["mcpServers:" + remark(), ...many().flatMap(server)];
  const oneLine = [
    `mcpServers: {${many()
      .map((name) => `${name}: {command: npx}`)
      .join(", ")}}${remark()}`,
  ];
  const servers = pick(lines, lines, oneLine, [`mcpServers: {}${remark()}`]);
  const first = pick([], ["---"], ["# the first", "a: &a 1", "b: *a"]);
  return finished([...first, ...servers, ...pick([], ["", "# the last"], ["z:", "- 1", "- x: |", "    text"])]);
}
