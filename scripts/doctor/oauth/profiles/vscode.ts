import { codeAndRefresh, type OAuthClient, PATIENT } from "./profile.ts";

const registered = ["https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"];

export const vscode: OAuthClient = {
  id: "vscode",
  title: "VS Code",
  source: {
    from: "microsoft/vscode src/vs/base/common/oauth.ts@05f882b, vscode#278512 (another port when 33418 is taken)",
    date: "2026-10-01",
    unverified: "its user agent, and every member of its document but client_id",
  },
  isHosted: false,
  name: "Visual Studio Code",
  comparesResource: "normalized",
  document: {
    url: "https://vscode.dev/oauth/client-metadata.json",
    says: {
      client_name: "Visual Studio Code",
      redirect_uris: registered,
      token_endpoint_auth_method: "none",
      application_type: "native",
      ...codeAndRefresh,
    },
  },
  registration: {
    client_name: "Visual Studio Code",
    redirect_uris: registered,
    token_endpoint_auth_method: "none",
    application_type: "native",
    ...codeAndRefresh,
  },
  redirects: ["http://127.0.0.1:33418/", "http://127.0.0.1:{port}/", "https://vscode.dev/redirect"],
  asksOfflineAccess: false,
  refreshesInParallel: false,
  timeout: PATIENT,
};
