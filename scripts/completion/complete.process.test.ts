import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { candidates } from "./complete.ts";
import { shells } from "./scripts.ts";

test.each([
  [[""], expect.arrayContaining(["start", "deploy", "help", "completion"])],
  [["st"], ["start", "status"]],
  [["--s"], ["--stdio"]],
  [
    ["start", "--"],
    ["--json", "--all", "--help"],
  ],
  [["start", "mem"], ["memory"]],
  [["verify", "--json", "mem"], ["memory"]],
  [
    ["deploy", ""],
    ["local", "edge", "services"],
  ],
  [["plan", "local", "e"], ["edge"]],
  [["help", "tok"], ["token"]],
  [
    ["completion", ""],
    ["bash", "zsh", "fish"],
  ],
  [["synth", ""], []],
  [["nonsense", ""], []],
])("after %j may come %j", async (words, expected) => {
  expect(await candidates(words)).toEqual(expected);
});

/** A command that asks ours what may come, and says what else it was called with. */
const command = `[ "$1" = complete ] && exec "${process.execPath}" "${join(import.meta.dirname, "../gangway.ts")}" "$@"
echo "called: $*."`;

/** As a program that is installed, and as the function that the help recommends for one that is not. */
const commands = {
  program: { file: "gangway", bash: "", fish: "" },
  function: {
    file: "elsewhere",
    bash: 'gangway() { elsewhere "$@"; }',
    fish: "function gangway; elsewhere $argv; end",
  },
} as const;

/** A home of its own, with these files, in which a shell runs a script. */
function runIn(shell: Shell, { file }: { file: string }, files: Readonly<Record<string, string>>, script: string) {
  const home = mkdtempSync(join(tmpdir(), "gangway-completion-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  for (const [path, text] of Object.entries({ [`bin/${file}`]: `#!/bin/sh\n${command}\n`, ...files })) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), `${text}\n`, { mode: 0o755 });
  }
  const { XDG_CONFIG_HOME: _, XDG_DATA_HOME: __, ZDOTDIR: ___, ...inherited } = process.env;
  const env = { ...inherited, HOME: home, TERM: "xterm", PATH: `${join(home, "bin")}:${inherited["PATH"]}` };
  return spawnSync(shell, [...quiet[shell], "-c", script], { encoding: "utf8", env, timeout: 60_000 }).stdout;
}

type Shell = keyof typeof shells;
/** Flags that keep this machine's own configuration out of the driver; the home is empty. */
const quiet = { bash: [], zsh: ["-f"], fish: [] } as const;

/** Whether a shell is here; one that is not says so in one line. */
function isHere(shell: Shell): boolean {
  const here = spawnSync(shell, ["--version"]).status === 0;
  if (!here) console.log(`completion in ${shell} is not tested: install ${shell} to run it`);
  return here;
}

const here = { bash: isHere("bash"), zsh: isHere("zsh"), fish: isHere("fish") };

describe.each(Object.entries(commands))("where gangway is a %s", (_, how) => {
  test.skipIf(!here.bash)("bash completes with what the help has it append to ~/.bashrc", () => {
    const files = { ".bashrc": `${how.bash}\n${shells.bash}` };
    const script = `. ~/.bashrc; COMP_WORDS=(gangway deploy lo); COMP_CWORD=2; _gangway; echo "\${COMPREPLY[@]}"`;
    expect(runIn("bash", how, files, script)).toBe("local\n");
  });

  test.skipIf(!here.zsh)("zsh completes with what the help has it append to ~/.zshrc", () => {
    const files = { ".zshrc": `${how.bash}\n${shells.zsh}\nPS1='ready> '` };
    const script = `zmodload zsh/zpty
      zpty shell zsh -i
      zpty -r shell said '*ready> *'
      zpty -w shell $'gangway deploy lo\\t'
      zpty -r shell said '*called: *.*'
      zpty -d shell
      print -r -- $said`;
    expect(runIn("zsh", how, files, script)).toContain("called: deploy local.");
  });

  test.skipIf(!here.fish)("fish completes with the help's file, and files where nothing of ours may come", () => {
    const files = {
      ".config/fish/config.fish": how.fish,
      ".config/fish/completions/gangway.fish": shells.fish,
      "local-file": "",
    };
    const script = `cd ~; complete -C "gangway deploy lo"; complete -C "gangway synth local"`;
    expect(runIn("fish", how, files, script)).toBe("local\nlocal-file\n");
  });
});
