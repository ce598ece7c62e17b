/** The URL of an MCP endpoint, as a person types it. */

/** Whether a word is meant as a URL, and not as the name of a service. */
export const isUrl = (word: string): boolean =>
  /^[a-z]+:\/\//i.test(word) || /^([\w.-]+|\[[\da-f:.]+\]):\d+(\/|$)/i.test(word);

/** The URL in a word, which may lack `http://`. @returns undefined when there is none that HTTP can reach */
export function endpointUrl(word: string): string | undefined {
  const url = word.includes("://") ? word : `http://${word}`;
  return isUrl(word) && /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
