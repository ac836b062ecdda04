/**
 * The citizen's page: query code and four digits in, how far it is out. No login, nothing kept, and
 * neither of the two ever in this page's address.
 */

import { Failure } from "./api.js";
import { $, el, han } from "./dom.js";
import { showLanguage } from "./frame.js";
import { has, language, rememberedLanguage, setLanguage, t } from "./i18n.js";
import { progress } from "./orders.js";
import { detailOf, titleOf } from "./problem.js";
import { moment } from "./times.js";

const STEPS = ["RECEIVED", "DISPATCHED", "HANDLING", "REPLIED", "CLOSED"];
const STEP_OF = {
  RECEIVED: 0, SUGGESTED: 0, MANUAL: 0, DISPATCHED: 1, REJECTED: 1, OBJECTED: 1, ACKNOWLEDGED: 1,
  HANDLING: 2, PAUSED: 2, MERGED: 2, REPLIED: 3, FOLLOWED_UP: 3, CLOSED: 4,
}; // prettier-ignore

const state = { found: null, failure: null };

async function look(event) {
  event.preventDefault();
  $("look").disabled = true;
  try {
    state.found = await progress($("code").value.trim(), $("phone").value.trim());
    state.failure = null;
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    Object.assign(state, { found: null, failure });
  } finally {
    $("look").disabled = false;
  }
  render();
  $("progress").focus();
}

function render() {
  $("progress").replaceChildren(...(state.failure ? [trouble(state.failure)] : state.found ? steps(state.found) : []));
}

function steps(found) {
  const now = STEP_OF[found.state] ?? 0;
  const times = { 0: found.received_at, 3: found.replied_at, [now]: now === 0 ? found.received_at : found.state_since };
  const lines = STEPS.map((step, index) =>
    el(
      "li",
      { class: index < now ? "past" : index === now ? "now" : "ahead", "aria-current": index === now ? "step" : null },
      el("b", {}, index === now ? publicName(found) : t(`steps.${step}`)),
      times[index] ? el("time", { datetime: times[index], class: "num muted" }, moment(times[index])) : null,
    ),
  );
  return [
    el("h2", {}, publicName(found)),
    el("ol", { class: "steps" }, ...lines),
    el("dl", { class: "facts" }, ...[
      found.body ? ["progress.body", han("span", found.body)] : null,
      found.due_at ? ["progress.due", moment(found.due_at)] : null,
      found.outcome ? ["progress.outcome", has(`reasons.${found.outcome}`) ? t(`reasons.${found.outcome}`) : found.outcome] : null,
    ].filter(Boolean).map(([key, value]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, value)))),
  ];
}

/** The service's own words in Chinese; this page's in English. */
function publicName({ state: name, progress: words }) {
  return language() === "zh" ? words : t(`public.${name}`);
}

function trouble(failure) {
  const minutes = Math.ceil((failure.retrySeconds ?? 0) / 60);
  const kind = failure.code === "locked_out" ? "locked" : failure.status === 404 || failure.status === 422 ? "wrong" : null;
  return el(
    "section",
    { class: kind === "wrong" ? "notice advice" : "notice problem", role: "alert", "data-code": failure.code },
    el("h2", {}, kind ? t(`progress.${kind}`) : titleOf(failure)),
    el("p", {}, kind ? t(`progress.${kind}.note`, { n: minutes }) : detailOf(failure)),
  );
}

async function switchTo(code) {
  await setLanguage(code);
  showLanguage();
  render();
}

await switchTo(rememberedLanguage());
$("language").addEventListener("click", () => switchTo(language() === "zh" ? "en" : "zh"));
$("ask-progress").addEventListener("submit", look);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return; // handed back from the cache: the next person at this screen
  $("ask-progress").reset();
  Object.assign(state, { found: null, failure: null });
  render();
});
document.documentElement.dataset.ready = "true";
