/** What the people's side needs of auth.sqlite, which store/database.ts opens. */
import type { SQLInputValue } from "node:sqlite";

export interface PeopleDatabase {
  exec(sql: string): void;
  /** @returns how many rows it has changed */
  run(sql: string, ...values: SQLInputValue[]): number;
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
}
