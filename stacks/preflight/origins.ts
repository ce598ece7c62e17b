/** What is wrong with ALLOWED_ORIGINS: a browser's Origin is compared with it character by character. */

/** @param value origins, separated by commas; undefined when none are set */
export function originProblems(value: string | undefined): string[] {
  const origins = (value ?? "").split(/[\s,]+/);
  const wrong = origins.filter((origin) => origin !== "" && origin !== "*" && URL.parse(origin)?.origin !== origin);
  return wrong.map(
    (origin) => `ALLOWED_ORIGINS has "${origin}", expected scheme and host alone, as in https://app.example.org`,
  );
}
