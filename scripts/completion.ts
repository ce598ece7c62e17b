/** `gangway completion`: prints a script that completes verbs, flags, services and stacks in a shell. */
import { shells } from "./completion/scripts.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway completion bash|zsh|fish

Prints a script that completes gangway's verbs, flags, services and stacks in this shell, where gangway is a command
(npm install --global gangway-mcp, or an alias for npx gangway).

  bash   npx gangway completion bash > ~/.local/share/bash-completion/completions/gangway
  zsh    npx gangway completion zsh > "\${fpath[1]}/_gangway"
  fish   npx gangway completion fish > ~/.config/fish/completions/gangway.fish

  --help   print this`;

export const completion = defineVerb({
  name: "gangway completion",
  usage,
  takesNames: true,
  keepsFiles: false,
  run: (_, [shell = "", ...more]) => {
    if (!Object.hasOwn(shells, shell) || more.length > 0)
      throw new WrongUse(
        `got ${[shell, ...more].join(" ") || "nothing"}, expected one of ${Object.keys(shells).join(", ")}`,
      );
    print(shells[shell as keyof typeof shells]);
  },
});
