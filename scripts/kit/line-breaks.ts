/** Line breaks of a file that is edited. */

/** Edits a text as if its lines ended with \n. One whose lines all end with \r\n keeps them, and its new lines get them too. */
export function inLines(text: string, edit: (text: string) => string): string {
  const isWindows = text.includes("\r\n") && !/(?<!\r)\n/.test(text);
  return isWindows ? edit(text.replaceAll("\r\n", "\n")).replaceAll("\n", "\r\n") : edit(text);
}
