/** `gangway completion`: prints a script that completes verbs, flags, services and stacks in a shell. */
import { shells } from "./completion/scripts.ts";
import { WrongUse } from "./kit/arguments.ts";
import { print } from "./kit/print.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway completion bash|zsh|fish

Prints a script that completes the verbs, flags, services and stacks of the command gangway in your shell:

  bash   npx gangway completion bash >> ~/.bashrc
  zsh    npx gangway completion zsh >> ~/.zshrc
  fish   npx gangway completion fish > ~/.config/fish/completions/gangway.fish

Where gangway is not installed (npm install --global gangway-mcp), a function of that name runs the project's own, and
never fetches another package:

  bash, zsh   gangway() { npx --no -- gangway "$@"; }
  fish        function gangway; npx --no -- gangway $argv; end

  --help      print this`;

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
