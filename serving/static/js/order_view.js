/**
 * An order as it stands: what it says, what was suggested and why, what is to be minded. Shows
 * only; what may be done with it is `order_moves`.
 */

import { el, han } from "./dom.js";
import { marked } from "./evidence.js";
import { listed, percent, t } from "./i18n.js";
import { nameOf } from "./names.js";
import { left, moment, pressure } from "./times.js";

const LEVELS = [0, 1, 2, 3, 4];

/** Return the name of a unit, or a dash. */
export const unitName = (code) => (code ? nameOf("units", code) : "—");

/** Return an urgency as a ladder and words: never by colour alone. */
export function level(urgency) {
  if (urgency === null || urgency === undefined) return el("span", { class: "muted" }, t("strip.unknown"));
  const rungs = LEVELS.map((rung) => el("i", { class: rung >= urgency ? "on" : null }));
  return el(
    "span",
    { class: "level", "data-level": urgency },
    el("span", { class: "ladder", "aria-hidden": "true" }, ...rungs),
    el("b", {}, `${urgency} ${nameOf("urgency_levels", urgency)}`),
  );
}

/** Return when an order is due, and how long that is away. */
export function due(iso) {
  return el("span", { class: "due num", "data-pressure": pressure(iso) }, el("b", {}, left(iso)), ` ${moment(iso)}`);
}

/** Return the text of an order with the evidence of the last suggestion. */
export function words(order, said) {
  const heading = order.title ? [han("p", order.title, "order-title")] : [];
  return [...heading, el("p", { class: "masked order-text", lang: "zh-CN" }, ...marked(said?.evidence ?? [], order.text))];
}

/** Return the facts of an order as rows of a description list. */
export function facts(order) {
  const rows = [
    ["order.state", `${t(`states.${order.state}`)}`],
    ["order.due", due(order.due_at)],
    ["order.provisional", order.due_is_provisional && t("order.provisional.note")],
    ["order.urgency", level(order.urgency)],
    ["order.topic", order.topic && han("span", nameOf("topics", order.topic))],
    ["order.type", order.request_type && nameOf("request_types", order.request_type)],
    ["order.lead", han("span", order.body ? `${unitName(order.lead)}（${order.body}）` : unitName(order.lead))],
    ["order.support", order.support.length && han("span", listed(order.support.map(unitName)))],
    ["order.region", han("span", order.region ? nameOf("regions", order.region) : order.district)],
    ["order.flags", order.flags.length && listed(order.flags.map((code) => nameOf("flags", code)))],
    ["order.rejects", order.rejects && t("order.rejects.n", { n: order.rejects })],
    ["order.reject_until", order.state === "DISPATCHED" && order.reject_until && moment(order.reject_until)],
    ["order.parts", order.parts.length && listed(order.parts)],
    ["order.part_of", order.part_of],
    ["order.merged_into", order.merged_into],
    ["order.absorbed", order.absorbed.length && listed(order.absorbed)],
    ["order.query_code", order.query_code && el("code", {}, order.query_code)],
  ];
  return el(
    "dl",
    { class: "facts" },
    ...rows.filter(([, value]) => value).map(([key, value]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, value))),
  );
}

/** Return what must be minded before anything is done: each says itself in words. */
export function warnings(order) {
  return [
    order.request_type === "REPORT" && notice("report", t("report.title"), [accused(order), t("report.note")]),
    order.supervised && notice("advice", t("order.supervised"), []),
    order.acceptance === "EMERGENCY_HANDOFF" && notice("problem", t("emergency.untitled"), [t("emergency.why")]),
    order.reply_flags.length > 0 && notice("advice", t(order.reply_held ? "order.held" : "order.doubted"), [...order.reply_flags.map((code) => t(`reply_flags.${code}`)), order.reply_held ? t("order.held.note") : ""].filter(Boolean)),
    order.state === "OBJECTED" && order.interim_lead && notice("area", t("order.disputed"), [t("area.interim", { name: unitName(order.interim_lead) })]),
  ].filter(Boolean);
}

/** Return the reply as it stands, [] where there is none. */
export function reply(order) {
  return order.reply ? [el("h3", {}, t("order.reply")), han("p", order.reply, "order-reply")] : [];
}

/** Return the suggestion: what was judged, how sure, and on what clause; [] where there is none. */
export function suggestion(said) {
  if (!said) return [];
  const { topics = [], units = [], urgency, request_type: type, duty, abstain_reasons: doubts = [], matters = [] } = said;
  return [
    el("h3", {}, t("order.suggestion")),
    ...(said.abstain ? [notice("abstain", t("abstain.title"), doubts.map((reason) => han("span", reason)))] : []),
    el("div", { class: "lists" }, ranked(t("units.title"), units), ranked(t("topics.title"), topics)),
    el("p", { class: "muted" }, [
      type && `${t("strip.type")} ${nameOf("request_types", type.code)} ${percent(type.confidence)}`,
      urgency?.level !== null && urgency && `${t("strip.urgency")} ${urgency.level} ${percent(urgency.confidence)}`,
    ].filter(Boolean).join(t("mark.sentence"))),
    ...(urgency?.reasons ?? []).map((reason) => han("p", reason, "muted")),
    ...(duty ? [clause(duty)] : []),
    ...(matters.length > 1 ? [el("p", {}, t("matters.title", { n: matters.length }))] : []),
  ];
}

/** Return how likely the ranked units are to reject, with the reasons; [] where nobody asks. */
export function risks(order) {
  const found = order.reject_risk ?? [];
  if (found.length === 0) return [];
  const lines = found.map((one) =>
    el(
      "li",
      {},
      el("div", { class: "risk-line" }, han("span", unitName(one.unit)), bar(one.probability, one.n ? percent(one.probability) : t("risk.unlearned", { share: percent(one.probability) }))),
      ...one.reasons.map((reason) => han("p", reason, "muted")),
    ),
  );
  return [el("h3", {}, t("risk.reject")), el("ol", { class: "risks" }, ...lines)];
}

/** Return the clause of the dispatch catalogue. */
export function clause(duty) {
  const basis = duty.basis ? t("duty.basis", { basis: duty.basis }) : t("duty.nobasis");
  return el("p", { class: "clause" }, el("b", {}, t("duty.title")), " ", han("span", duty.clause), " ", han("span", basis, "muted"), " ", el("span", { class: "tag" }, t(`duty.${duty.status}`)));
}

/** Return a share as a bar with its words. */
export function bar(share, label, className = "") {
  const fill = el("span", { class: "bar-fill" });
  fill.style.setProperty("--share", Math.min(Math.max(share, 0), 1));
  return el("span", { class: `bar-words ${className}` }, el("span", { class: "bar-track", "aria-hidden": "true" }, fill), el("span", { class: "num" }, label));
}

/** Return a notice. */
export function notice(kind, title, lines) {
  return el("section", { class: `notice ${kind}` }, el("h3", {}, title), ...lines.filter(Boolean).map((line) => el("p", {}, line)));
}

function ranked(title, items) {
  const lines = items.slice(0, 3).map((item) => el("li", {}, han("span", item.name), bar(item.confidence, percent(item.confidence))));
  return el("section", {}, el("h4", {}, title), el("ol", { class: "ranked" }, ...lines));
}

function accused(order) {
  return order.accused?.length ? t("report.accused", { names: listed(order.accused.map(unitName)) }) : null;
}
