/**
 * The strip of single judgements (acceptance, type, urgency, flags), and the elements with what is
 * still to be asked: the question stands where the answer is missing.
 */

import { $, el, han } from "./dom.js";
import { listed, percent, t } from "./i18n.js";
import { entryOf, nameOf } from "./names.js";

export const ELEMENTS = ["place", "time", "object", "demand"];
const LEVELS = [0, 1, 2, 3, 4];

/** Show the strip of an answer. */
export function showStrip({ acceptance, request_type: type, urgency, flags }) {
  $("strip").replaceChildren(
    cell("strip.acceptance", acceptanceWords(acceptance)),
    cell("strip.type", type ? [el("b", {}, nameOf("request_types", type.code)), sure(type)] : [unknown()]),
    cell("strip.urgency", urgencyWords(urgency, acceptance)),
    ...(flags.length ? [cell("strip.flags", flags.map(chip))] : []),
  );
}

/** Show the elements of an answer, and what to ask; null empties both. */
export function showElements(answer) {
  const elements = answer?.elements;
  const missing = elements?.missing ?? [];
  $("elements").replaceChildren(
    ...(elements ? ELEMENTS.map((name) => element(name, elements[name], missing.includes(name))) : []),
  );
  const asked = ELEMENTS.filter((name) => missing.includes(name));
  $("ask").hidden = asked.length === 0;
  $("ask").textContent = t("ask.missing", { list: listed(asked.map((name) => t(`elements.${name}`))) });
}

function cell(title, content) {
  const words = content.flatMap((part) => [part, " "]); // read out, they must not run together
  return el("div", {}, el("dt", {}, t(title)), el("dd", {}, ...words));
}

function acceptanceWords(acceptance) {
  return [
    el("b", {}, nameOf("acceptance", acceptance.decision)),
    sure(acceptance),
    acceptance.needs_confirmation ? el("span", { class: "tag" }, t("strip.confirm")) : null,
  ].filter(Boolean);
}

/** A ladder beside the words, read without its colour; the banner's reasons are not said twice. */
function urgencyWords(urgency, acceptance) {
  const { level } = urgency;
  if (level === null) return [unknown()];
  const reasons = urgency.reasons.filter((reason) => !acceptance.reasons.includes(reason));
  const rungs = LEVELS.map((rung) => el("i", { class: rung >= level ? "on" : null }));
  const deadline = entryOf("urgency_levels", level)?.deadline;
  return [
    el(
      "span",
      { class: "level", "data-level": level },
      el("span", { class: "ladder", "aria-hidden": "true" }, ...rungs),
      el("b", {}, `${level} ${nameOf("urgency_levels", level)}`),
    ),
    sure(urgency),
    ...reasons.map((reason) => han("p", reason)),
    deadline && level > 0 && level < 3 ? han("p", t("strip.deadline", { deadline }), "muted") : null,
  ].filter(Boolean);
}

function chip(flag) {
  const definition = entryOf("flags", flag.code)?.definition ?? null;
  return el("span", { class: "chip", title: definition }, nameOf("flags", flag.code), " ", percent(flag.confidence));
}

function element(name, value, isMissing) {
  const words = isMissing ? t(`ask.${name}`) : el("span", { class: "muted" }, "—");
  return el(
    "div",
    { class: isMissing ? "missing" : null },
    el("dt", {}, t(`elements.${name}`)),
    el("dd", {}, value ? han("span", value) : words),
  );
}

const sure = (item) => el("span", { class: "share num" }, percent(item.confidence));
const unknown = () => el("span", { class: "muted" }, t("strip.unknown"));
