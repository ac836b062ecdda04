/**
 * A dispute in full: who rejected why, the candidates, the clause, the opinions, the precedents,
 * the ruling.
 */

import { el, han } from "./dom.js";
import { listed, percent, t } from "./i18n.js";
import { nameOf } from "./names.js";
import { reasonName } from "./order_moves.js";
import { clause, due, words } from "./order_view.js";
import { moment } from "./times.js";

/** Return the parts of a case. */
export function caseParts(found) {
  return [
    ...words(found, null),
    el("dl", { class: "facts" }, ...facts(found)),
    ...ruling(found.ruling),
    el("h3", {}, t("case.candidates")),
    el("ol", { class: "candidates" }, ...found.candidates.map(candidate)),
    ...(found.duty ? [clause(found.duty)] : []),
    ...listOf("case.rejections", found.rejections.map(rejection)),
    ...listOf("case.opinions", found.opinions.map(opinion)),
    ...listOf("case.precedents", found.precedents.map(precedent)),
  ];
}

function facts(found) {
  const rows = [
    ["case.due", due(found.ruling_due)],
    ["order.due", due(found.due_at)],
    ["order.topic", found.topic && han("span", nameOf("topics", found.topic))],
    ["order.region", found.region && han("span", nameOf("regions", found.region))],
    ["case.parties", han("span", listed(found.parties.map((unit) => unit.name)))],
    ["case.interim", found.interim_lead && han("span", found.interim_lead.name)],
    ["case.opened", `${moment(found.opened_at)} ${found.opened_by}`],
  ];
  return rows.filter(([, value]) => value).map(([key, value]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, value)));
}

function candidate(one) {
  return el(
    "li",
    {},
    han("b", one.name),
    one.confidence === null ? null : el("span", { class: "num" }, ` ${percent(one.confidence)} `),
    one.by_duty ? el("span", { class: "tag" }, t(`by_duty.${one.by_duty}`)) : null,
    ...one.rejections.map((each) => el("p", { class: "muted" }, t("case.rejected"), " ", ...reasons(each))),
  );
}

const rejection = (one) => el("li", {}, moment(one.at), " ", han("b", one.unit.name), " ", ...reasons(one));
const reasons = (one) => [han("span", `${reasonName(one.reason)}${t("mark.sentence")}${one.basis}`)];

function opinion(one) {
  return el("li", {}, han("b", one.unit.name), " ", el("span", { class: "tag" }, t(`case.stand.${one.stand}`)), " ", han("span", one.basis), " ", el("span", { class: "muted" }, `${moment(one.at)} ${one.by}`));
}

function precedent(one) {
  return el("li", {}, han("b", one.unit.name), " ", han("span", one.basis), " ", el("span", { class: "muted" }, moment(one.ruled_at), " ", one.order_id, " ", han("span", listed(one.reasons))));
}

function ruling(made) {
  if (!made) return [];
  const becomes = made.becomes_rule ? t("case.rule", { id: made.becomes_rule }) : "";
  return [
    el(
      "section",
      { class: "notice area", id: "ruled" },
      el("h3", {}, t(`case.${made.kind}`, { unit: made.unit.name })),
      han("p", made.basis),
      el("p", { class: "muted" }, `${moment(made.at)} ${made.by} ${becomes}`),
    ),
  ];
}

function listOf(title, items) {
  return items.length ? [el("h3", {}, t(title)), el("ul", { class: "plain" }, ...items)] : [];
}
