/**
 * The quiet "why": asks for an explanation of the answer on screen, and shows the evidence of one
 * decision at a time in the text, what another wording would have changed, and what is worth asking.
 */

import * as api from "./api.js";
import { $, button, el, han } from "./dom.js";
import { segments, spansOf } from "./evidence.js";
import { percent, t } from "./i18n.js";
import { nameOf } from "./names.js";

const LISTS = { acceptance: "acceptance", risk_flags: "risk_flags", request_type: "request_types", units: "units", support: "units", flags: "flags" };

let asked = null;
let running = null;

/** Listen to the button; `request()` returns what the answer on screen was given for. */
export function watchWhy(request) {
  $("why-ask").addEventListener("click", () => (asked ? close() : ask(request())));
}

/** Forget the explanation: the answer on screen is another one now, or there is none. */
export function forgetWhy(answer) {
  $("why").hidden = answer === null;
  close();
}

function close() {
  running?.abort();
  running = asked = null;
  $("why-ask").setAttribute("aria-expanded", "false");
  $("why-answer").replaceChildren();
}

async function ask(request) {
  const mine = new AbortController();
  asked = request;
  running = mine;
  $("why-ask").setAttribute("aria-expanded", "true");
  $("why-answer").replaceChildren(el("p", { class: "muted" }, t("why.busy")));
  try {
    const explanation = await api.explain(request, mine.signal);
    if (running === mine) show(explanation);
  } catch (failure) {
    if (mine.signal.aborted) return;
    if (!(failure instanceof api.Failure)) throw failure;
    $("why-answer").replaceChildren(el("p", { class: "why-failed" }, failure.detail ?? t("why.failed")));
  }
}

function show(explanation) {
  const { decisions, counterfactuals, questions } = explanation;
  const place = el("div", { class: "why-text", lang: "zh-CN" });
  const chips = decisions.map((decision) => button(
    `${t(`why.${decision.step}`)} ${named(decision)}`,
    () => choose(decision),
    { class: "quiet why-chip", disabled: decision.spans.length === 0, lang: "zh-CN" },
  ));
  const choose = (decision) => {
    chips.forEach((chip, index) => chip.setAttribute("aria-pressed", decisions[index] === decision));
    place.replaceChildren(...shown(decision, explanation));
  };
  $("why-answer").replaceChildren(
    el("div", { class: "why-chips", role: "group", "aria-label": t("why.decisions") }, ...chips),
    place,
    ...listOf("why.otherwise", counterfactuals.map((item) => item.sentence), "why-otherwise"),
    ...listOf("why.questions", questions.map((item) => item.text), "why-questions"),
  );
  const first = decisions.find((decision) => decision.spans.length > 0);
  if (first) choose(first);
}

/** The text with the spans of one decision, and what the decision would be worth without them. */
function shown(decision, { title, text }) {
  const marked = (field, words) => {
    const own = decision.spans.filter((span) => span.field === field);
    const weighed = own.map((span) => ({ step: decision.step, start: span.start, end: span.end, weight: span.drop ?? 1 }));
    return segments(words, spansOf(weighed, words), []).map(({ text: part, span }) =>
      span === null ? document.createTextNode(part) : el("mark", { "data-step": span.step, "data-shade": span.shade }, part),
    );
  };
  const left = decision.confidence_without;
  return [
    ...(title ? [el("p", { class: "why-title" }, ...marked("title", title))] : []),
    el("p", {}, ...marked("text", text)),
    el("p", { class: "muted" }, t("why.without", { now: percent(decision.confidence), then: left === null ? "—" : percent(left) })),
  ];
}

function named({ step, code, name }) {
  return step in LISTS ? nameOf(LISTS[step], code) : name;
}

function listOf(title, sentences, className) {
  if (sentences.length === 0) return [];
  return [
    el("h3", {}, t(title)),
    el("ul", { class: className }, ...sentences.map((sentence) => han("li", sentence))),
  ];
}
