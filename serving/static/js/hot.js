/**
 * Hot topics: events and common problems of a period by heat, the chosen one with the reasons for
 * its heat, its days, its places and its representative requests.
 */

import { bars, countChart, emptyState, numbersTable } from "./charts.js";
import { $, button, el, han } from "./dom.js";
import { attempt, openPage } from "./frame.js";
import { listed, t } from "./i18n.js";
import { districts, nameOf } from "./names.js";
import { focusRow, watchArrows } from "./queue_rows.js";
import { onResize, roomOf } from "./svg.js";
import { moment } from "./times.js";
import * as api from "./watching.js";

const TOP = 50;
const PADDING = 30; // of the panel, on both sides
const COMMAND = "triage hot --keep";
const FULL = { volume: 30, growth: 25, requesters: 15, districts: 10, urgency: 15, likes: 5 };

const state = { found: null, shown: null };

async function load() {
  state.found = await api.hotTopics({ since: $("by-since").value, level: $("by-level").value, region: $("by-region").value, top: TOP });
  if (!state.found.topics.some((one) => one.id === state.shown)) state.shown = null;
  render();
}

function pick(id) {
  state.shown = id;
  renderRows();
  renderDetail();
  $("topic-title").focus();
}

function renderRows() {
  const topics = state.found?.topics ?? [];
  $("rows").replaceChildren(...topics.map(row));
  $("rows-none").replaceChildren(...(state.found && topics.length === 0 ? [emptyState(t("hot.none"), COMMAND)] : []));
  $("count").textContent = state.found ? t("hot.count", { n: topics.length }) : "";
}

function row(one, index) {
  const made = button("", () => pick(one.id), { class: "row", "data-id": one.id, "aria-current": one.id === state.shown ? "true" : null });
  made.append(
    el("span", { class: "row-head" }, el("span", { class: "num muted" }, String(index + 1)), one.topic ? han("span", nameOf("topics", one.topic), "tag") : "", el("span", { class: "num" }, t("hot.n", { n: one.count })), growth(one), el("span", { class: "score num", title: t("hot.heat") }, one.heat.toFixed(1))),
    named(one, "span", "row-text"),
    el("span", { class: "row-foot muted" }, where(one)),
  );
  return el("li", {}, made);
}

function growth({ growth: times, before }) {
  if (times === null) return "";
  const isNew = before === 0;
  return el("span", { class: times >= 1.5 ? "tag warn" : "muted" }, isNew ? t("hot.new") : t("hot.growth", { n: times }));
}

function named(one, tag, kind) {
  return one.title ? han(tag, one.title, kind) : el(tag, { class: kind }, t("hot.untitled"));
}

function where({ districts: found, places }) {
  const names = found.slice(0, 3).map((one) => (one.code ? nameOf("regions", one.code) : t("hot.nowhere")));
  return han("span", listed([...new Set([...names, ...places.slice(0, 2)])]));
}

function renderDetail() {
  const one = state.found?.topics.find(({ id }) => id === state.shown);
  if (!one) {
    $("order").replaceChildren(el("p", { class: "muted" }, t("hot.pick")));
    return;
  }
  const points = one.trend.map(({ day, count }) => ({ at: day, count, expected: null }));
  const heading = named(one, "h2", null);
  heading.id = "topic-title";
  heading.tabIndex = -1;
  $("order").replaceChildren(
    el("div", { class: "head" }, heading, el("span", { class: "tag" }, t(`hot.${one.level}`))),
    el("h3", {}, t("hot.why", { heat: one.heat.toFixed(1) })),
    bars(one.parts.map((part) => ({ name: t(`heat.${part.name}`), value: part.points / (FULL[part.name] ?? 30), text: part.points.toFixed(1), note: han("span", part.reason, "muted") })), { most: 1 }),
    ...(points.length ? [el("h3", {}, t("hot.trend")), countChart({ points, label: t("hot.label", { n: one.count, days: points.length }), width: roomOf($("order")) - PADDING }), numbersTable([t("forecast.when"), t("alarms.counted")], points.map(({ at, count }) => [at, String(count)]))] : []),
    facts(one),
    ...(one.districts.length ? [el("h3", {}, t("hot.districts")), bars(one.districts.map(({ code, count }) => ({ name: han("span", code ? nameOf("regions", code) : t("hot.nowhere")), value: count, text: String(count) })))] : []),
    ...chips("hot.terms", one.terms),
    ...chips("hot.objects", one.objects),
    ...chips("hot.places", one.places),
    ...representatives(one.representatives),
  );
}

function facts(one) {
  return el("dl", { class: "facts" }, ...[
    [t("hot.requests"), String(one.count)],
    [t("hot.before"), one.before === null ? t("hot.unknown") : String(one.before)],
    [t("hot.requesters"), String(one.requesters)],
    [t("order.urgency"), nameOf("urgency_levels", one.urgency)],
    [t("hot.first"), moment(one.first)],
    [t("hot.last"), moment(one.last)],
    [t("hot.id"), el("code", {}, one.id)],
  ].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function chips(title, words) {
  return words.length ? [el("h3", {}, t(title)), el("p", {}, ...words.map((word) => han("span", word, "chip")))] : [];
}

function representatives(found) {
  if (found.length === 0) return [];
  return [el("h3", {}, t("hot.representatives")), el("ul", { class: "plain" }, ...found.map(({ id, title }) => el("li", {}, el("code", {}, id), " ", han("span", title))))];
}

function offer() {
  const chosen = $("by-region").value;
  const options = districts().map(({ code, name }) => Object.assign(han("option", name), { value: code }));
  $("by-region").replaceChildren(el("option", { value: "" }, t("queue.any")), ...options);
  $("by-region").value = chosen;
}

function render() {
  offer();
  renderRows();
  renderDetail();
}

const reload = () => attempt(load);

watchArrows();
onResize(renderDetail);
for (const id of ["by-level", "by-since", "by-region"]) $(id).addEventListener("change", reload);
$("refresh").addEventListener("click", reload);
$("order").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) focusRow(state.shown);
});
openPage({ render, load });
