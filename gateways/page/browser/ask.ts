/** Requests of the page to its gateway. */

/** What the server wrote into the page for its script. */
const setting = (name: string): string => document.documentElement.dataset[name] ?? "";

/** A gateway that was started again has another proof. */
export const renewProof = (csrf: string) => (document.documentElement.dataset["csrf"] = csrf);

/** The path of one of the page's own addresses, such as `events`. */
export const address = (name: string): string => `${setting("base")}_/${name}`;

/**
 * Asks the gateway; with a body, to do something.
 * @throws Error with what the gateway says is wrong
 */
export async function ask<T>(name: string, body?: unknown): Promise<T> {
  const headers = { accept: "application/json", "content-type": "application/json", "x-csrf-token": setting("csrf") };
  const response = await fetch(
    address(name),
    body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) },
  ).catch(() => {
    throw new Error("The gateway cannot be reached. Is it still running?");
  });
  const answer = (await response.json().catch(() => ({}))) as { readonly error?: { readonly message?: string } };
  if (!response.ok) throw new Error(answer.error?.message ?? `The gateway answers with status ${response.status}.`);
  return answer as T;
}
