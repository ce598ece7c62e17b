/** Words in a command line that we print for a reader to type. */

/** The word as a shell takes it: in single quotes nothing has a meaning, and with a folder in front it is no flag. */
export function shellWord(text: string): string {
  const word = text.startsWith("-") ? `./${text}` : text;
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
