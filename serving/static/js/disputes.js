/**
 * The dispute desk: cases whose ruling is due first on top, a case in full, and the ruling, which
 * may become a rule for cases like it.
 */

import { caseParts } from "./case_view.js";
import { askFor } from "./dialog.js";
import { $, button, el, han } from "./dom.js";
import { attempt, may, openPage } from "./frame.js";
import { t } from "./i18n.js";
import { grouped } from "./fields.js";
import { choices, districts, nameOf } from "./names.js";
import { due } from "./order_view.js";
import * as api from "./orders.js";
import { focusRow, watchArrows } from "./queue_rows.js";
import { announce } from "./status.js";

const state = { items: [], next: null, shown: null };

async function first() {
  const { items, next_cursor: next } = await api.disputes({ state: $("by-state").value });
  Object.assign(state, { items, next });
  renderRows();
}

async function more() {
  const { items, next_cursor: next } = await api.disputes({ state: $("by-state").value, cursor: state.next });
  Object.assign(state, { items: [...state.items, ...items], next });
  renderRows();
}

const open = (id) => attempt(async () => {
  state.shown = await api.disputed(id);
  render();
  $("order-title").focus();
});

function render() {
  renderRows();
  const found = state.shown;
  if (!found) {
    $("order").replaceChildren(el("p", { class: "muted" }, t("case.none")));
    return;
  }
  const isOpen = found.state !== "ruled";
  const deeds = [
    isOpen && may("POST /v1/disputes/{id}/ruling") && button(t("case.rule_on"), ask, { class: "main", id: "rule-on" }),
    isOpen && may("POST /v1/disputes/{id}/opinions") && button(t("case.opine"), askOpinion, { id: "opine" }),
  ].filter(Boolean);
  $("order").replaceChildren(
    el("div", { class: "head" }, el("h2", { id: "order-title", tabindex: "-1" }, `${t("case.title")} ${found.order_id}`), el("span", { class: "tag" }, t(`case.${found.state}`))),
    ...(deeds.length ? [el("div", { class: "moves" }, ...deeds)] : []),
    ...(found.rule_conflicts.length ? [el("p", { class: "notice advice" }, t("case.conflicts", { ids: found.rule_conflicts.join(" ") }))] : []),
    ...caseParts(found),
  );
}

function renderRows() {
  $("rows").replaceChildren(...state.items.map(row));
  $("rows-none").hidden = state.items.length > 0;
  $("more").hidden = state.next === null;
}

function row(one) {
  const made = button("", () => open(one.order_id), { class: "row", "data-id": one.order_id, "aria-current": one.order_id === state.shown?.order_id ? "true" : null });
  made.append(
    el("span", { class: "row-head" }, el("span", { class: "tag" }, t(`case.${one.state}`)), due(one.ruling_due)),
    han("span", [one.topic && nameOf("topics", one.topic), one.object, one.region && nameOf("regions", one.region)].filter(Boolean).join(" · "), "row-text"),
    el("span", { class: "row-foot muted" }, han("span", one.parties.map((unit) => unit.name).join(" ⇄ ")), " ", el("code", {}, one.order_id)),
  );
  return el("li", {}, made);
}

function ask() {
  const found = state.shown;
  const likely = found.candidates.map(({ code, name }) => ({ code, name }));
  askFor({
    title: `${t("case.rule_on")} ${found.order_id}`,
    fields: [
      { name: "unit", kind: "select", label: t("form.unit"), required: true, options: grouped(likely, choices("units")) },
      { name: "basis", kind: "area", label: t("form.basis"), required: true, lang: "zh-CN" },
      { name: "support", kind: "several", label: t("order.support"), options: choices("units"), hint: t("form.several") },
      { name: "designate", kind: "check", label: t("case.designating"), hint: t("case.designating.hint") },
      { name: "becomes", kind: "check", label: t("case.becomes"), hint: t("case.becomes.hint") },
      { name: "topic", kind: "text", label: t("case.scope.topic"), value: found.topic },
      { name: "region", kind: "select", label: t("case.scope.region"), options: districts().map(({ code, name }) => ({ code, name })), value: found.region },
      { name: "keywords", kind: "text", label: t("case.scope.keywords"), value: found.object, lang: "zh-CN" },
      { name: "expires_on", kind: "date", label: t("case.expires"), value: inAYear() },
    ],
    label: t("case.rule_on"),
    send: (values) => rule(found, values),
    draft: `ruling ${found.order_id}`,
    leaves: (failure) => ["order_stale", "dispute_closed"].includes(failure.code),
  });
}

function askOpinion() {
  const found = state.shown;
  const likely = found.candidates.map(({ code, name }) => ({ code, name }));
  const stands = ["OURS", "NOT_OURS", "JOINT"].map((code) => ({ code, name: t(`case.stand.${code}`) }));
  askFor({
    title: `${t("case.opine")} ${found.order_id}`,
    fields: [
      { name: "unit", kind: "select", label: t("case.opinion_of"), required: true, options: grouped(likely, choices("units")) },
      { name: "stand", kind: "select", label: t("case.stand"), required: true, options: stands },
      { name: "basis", kind: "area", label: t("form.basis"), required: true, lang: "zh-CN" },
    ],
    label: t("case.opine"),
    send: async (values) => {
      state.shown = await api.opine(found.order_id, values);
      render();
      announce(t("case.opined", { id: found.order_id }));
      setTimeout(() => $("order-title").focus());
    },
    draft: `opinion ${found.order_id}`,
    leaves: (failure) => failure.code === "dispute_closed",
  });
}

async function rule(found, values) {
  try {
    state.shown = await api.rule(found.order_id, ruling(values, found.version));
  } catch (failure) {
    if (["order_stale", "dispute_closed"].includes(failure.code)) await again(found.order_id);
    throw failure;
  }
  render();
  announce(t("case.ruled.done", { id: found.order_id }));
  await attempt(first);
  setTimeout(() => $("order-title").focus()); // once the dialog has closed
}

/** Somebody else was faster: the case as it now stands, and that it is. */
async function again(id) {
  await open(id);
  const told = el("section", { class: "notice area conflict", role: "alert" }, el("h3", {}, t("conflict.title")), el("p", {}, t("conflict.note")));
  $("order").firstElementChild.after(told);
}

function ruling({ unit, basis, support, designate, becomes, topic, region, keywords, expires_on: last }, version) {
  const body = { unit, basis, designate, version };
  if (support.length) body.support = support;
  if (!becomes) return body;
  const scope = { topic, region, keywords: keywords ? keywords.split(/[\s，,、]+/).filter(Boolean) : null };
  const given = Object.entries(scope).filter(([, value]) => value !== null);
  return { ...body, rule: { scope: Object.fromEntries(given), expires_on: last } };
}

function inAYear() {
  const day = new Date();
  day.setFullYear(day.getFullYear() + 1);
  return day.toISOString().slice(0, 10);
}

const reload = () => attempt(first);

watchArrows();
$("by-state").addEventListener("change", reload);
$("refresh").addEventListener("click", reload);
$("more").addEventListener("click", () => attempt(more));
$("order").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) focusRow(state.shown?.order_id);
});
openPage({ render, load: first });
