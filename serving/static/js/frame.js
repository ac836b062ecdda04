/**
 * What the pages of the work order share: language, links, code lists, who the caller is, and
 * failures. What a page shows is its own business.
 */

import { Failure, catalogue } from "./api.js";
import { $, el } from "./dom.js";
import { language, rememberedLanguage, setLanguage, t } from "./i18n.js";
import { useCatalogue } from "./names.js";
import { whoAmI } from "./orders.js";
import { clearProblem, showProblem } from "./problem.js";
import { say, sayAgain } from "./status.js";

const LINKS = [
  ["./", "nav.intake", "POST /v1/requests"],
  ["queue", "nav.queue", "GET /v1/queue"],
  ["worklist", "nav.worklist", "GET /v1/queue"],
  ["disputes", "nav.disputes", "GET /v1/disputes"],
  ["alarms", "nav.alarms", "GET /v1/alarms"],
  ["forecast", "nav.forecast", "GET /v1/forecast"],
  ["hot", "nav.hot", "GET /v1/hot-topics"],
  ["progress", "nav.progress", null],
];
let caller = { may: [], moves: [], units: [] };

/** Return who calls, as `GET /v1/me` says. */
export const me = () => caller;

/** Say whether the caller's role may use an endpoint, for example "PUT /v1/mode". */
export const may = (endpoint) => caller.may.includes(endpoint);

/** Start a page: `load()` asks for what it shows, `render()` shows it again in another language. */
export async function openPage({ load, render }) {
  const switchTo = async (code) => {
    await setLanguage(code);
    showLanguage();
    showLinks();
    sayAgain();
    render();
  };
  say("idle", "desk.idle");
  await switchTo(rememberedLanguage());
  $("language").addEventListener("click", () => switchTo(language() === "zh" ? "en" : "zh"));
  await attempt(async () => {
    const [lists] = await Promise.all([catalogue(), learnCaller()]);
    useCatalogue(lists);
    await load();
    render();
  });
  document.documentElement.dataset.ready = "true";
}

/** Ask who calls and offer the pages that they may use; rejects with a `Failure`. */
export async function learnCaller() {
  caller = await whoAmI();
  showLinks();
}

/** Do something that may fail; a failure is shown with a way to try again. */
export async function attempt(deed) {
  say("busy", "desk.busy");
  try {
    await deed();
    clearProblem();
    say("done", "desk.done");
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    say("failed", "desk.failed");
    showProblem(failure, () => attempt(deed));
  }
}

/** Show the button that changes the language. */
export function showLanguage() {
  const isChinese = language() === "zh";
  $("language").textContent = isChinese ? "English" : "中文";
  $("language").lang = isChinese ? "en" : "zh-CN";
}

/** Show the links to the pages that the caller may use. */
export function showLinks() {
  if (caller.id === undefined) return; // nobody said yet who calls
  $("caller").textContent = t("desk.caller", { name: caller.id });
  const here = location.pathname.split("/").at(-1) || "./";
  const shown = LINKS.filter(([, , needs]) => needs === null || may(needs));
  $("nav").replaceChildren(
    ...shown.map(([address, words]) => el("a", { href: address, "aria-current": address === here ? "page" : null }, t(words))),
  );
}
