/** What the people's side brings: until it is here, nobody can log in. */
import { answerJson } from "./http.ts";
import type { Rooms } from "./server.ts";

export const rooms: Rooms = {
  accounts: () => ({ find: () => undefined }),
  pages: () => ({
    handle: async (_req, res) => answerJson(res, 501, { error: "server_error" }),
    errorPage: ({ code, description }) =>
      `<!doctype html><title>${escaped(code)}</title><p>${escaped(description ?? code)}</p>`,
  }),
};

const escaped = (text: string) => text.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);
