/** Programs that start MCP servers: whoever types one where a verb is expected wants to run that server. */
const RUNNERS =
  /^(npx|npm|pnpm|yarn|bunx?|deno|node|tsx|uvx?|pipx|python[\d.]*|py|docker|podman|sh|bash|java|go|cargo|dotnet)$/;

/** Whether a word is a command and not a misspelt verb: a runner, a path or a package. */
export const isRunner = (word: string): boolean => RUNNERS.test(word) || /[/\\]/.test(word);
