/** What the pages of the authorization server look like: as the page of the gateway does. */
import { createHash } from "node:crypto";
import { STYLE as PAGE } from "../../gateways/page/built.ts";

const OWN = `body{max-width:32rem}main>*+*{margin-top:1.25rem}.lead{margin-bottom:0}.card{margin-bottom:0}.stack{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem}.stack .actions{margin:0}.actions button{padding:.45rem 1.1rem}.party{display:block;font-size:1.05rem;font-weight:650}.grants{padding-left:1.1rem;list-style:disc}.grants li+li{margin-top:.35rem}dl{grid-template-columns:minmax(0,1fr)}.codes{columns:2;list-style:none}.other{text-align:center}`;

/** All of the style, which stands in each page. */
export const STYLE = PAGE + OWN;

/** How a policy names it. */
export const STYLE_SOURCE = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;
