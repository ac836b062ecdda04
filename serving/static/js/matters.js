/**
 * Several matters in one request, numbered: topic, urgency, lead and support of each, and the part
 * of the masked text that it stands in. Nothing is shown for a request about one matter.
 */

import { $, el, han } from "./dom.js";
import { listed, percent, t } from "./i18n.js";
import { nameOf } from "./names.js";

/** Show the matters of an answer. */
export function showMatters({ matters }) {
  $("matters").hidden = matters.length === 0;
  $("matters").replaceChildren(
    ...(matters.length
      ? [el("h3", {}, t("matters.title", { n: matters.length })), el("ol", {}, ...matters.map(item))]
      : []),
  );
}

/** Return one line a matter, for the work order's note field; [] for a request about one. */
export function matterLines(matters) {
  return matters.map((matter, index) =>
    t("copy.matter", { n: index + 1, topic: nameOf("topics", matter.topic.code), unit: lead(matter) }),
  );
}

function item(matter) {
  const { level } = matter.urgency;
  const support = matter.support.map((unit) => nameOf("units", unit.code));
  const facts = [
    level === null ? null : `${level} ${nameOf("urgency_levels", level)}`,
    t("matters.lead", { unit: lead(matter) }),
    support.length ? t("matters.support", { units: listed(support) }) : null,
  ].filter(Boolean);
  return el(
    "li",
    {},
    el("b", {}, nameOf("topics", matter.topic.code)),
    " ",
    el("span", { class: "share num" }, percent(matter.topic.confidence)),
    " ",
    el("span", {}, facts.join(t("mark.sentence"))),
    ...matter.spans.map((span) => han("q", span.text, "muted")),
  );
}

const lead = (matter) => (matter.lead ? nameOf("units", matter.lead.code) : t("strip.unknown"));
