/**
 * The duty officer's page: alarms on a timeline and as a list, the chosen one with its evidence, and
 * what may be done with it. A deed always names the version that was seen.
 */

import { deedButtons } from "./alarm_deeds.js";
import { timelineChart } from "./alarm_timeline.js";
import * as view from "./alarm_view.js";
import { Failure } from "./api.js";
import { emptyState, table } from "./charts.js";
import { $, button, el, han } from "./dom.js";
import { attempt, openPage } from "./frame.js";
import { t } from "./i18n.js";
import { focusRow, watchArrows } from "./queue_rows.js";
import { announce } from "./status.js";
import { onResize, roomOf } from "./svg.js";
import * as api from "./watching.js";

const PAGE = 100;
const DAY = 86_400_000;
const PADDING = 30; // of the panel, on both sides
const COMMAND = "triage alarms run --build";

const state = { items: [], next: null, rates: [], shown: null, conflict: null };

async function first() {
  const [{ items, next_cursor: next }, { items: rates }] = await Promise.all([api.alarms({ ...filters(), limit: PAGE }), api.precision({ since: since() })]);
  Object.assign(state, { items, next, rates });
  renderList();
}

async function more() {
  const { items, next_cursor: next } = await api.alarms({ ...filters(), limit: PAGE, cursor: state.next });
  const from = state.items.length;
  Object.assign(state, { items: [...state.items, ...items], next });
  renderList();
  focusRow(state.items[from]?.id);
}

const filters = () => ({ state: $("by-state").value, kind: $("by-kind").value, since: since() });

/** The first day that is shown, in Shanghai. */
function since() {
  const begin = new Date(Date.now() - Number($("by-days").value) * DAY);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(begin);
}

const open = (id) =>
  attempt(async () => {
    state.conflict = null;
    state.shown = await api.alarm(id);
    render();
    $("alarm-title").focus();
  });

function renderList() {
  const chosen = state.shown?.id;
  $("timeline").replaceChildren(...(state.items.length ? [timelineChart(state.items, { since: since(), chosen, onPick: open, width: roomOf($("timeline")) }), view.kindLegend(state.items)] : [el("p", { class: "muted" }, t("alarms.none"))]));
  $("rows").replaceChildren(...state.items.map((one) => row(one, one.id === chosen)));
  $("rows-none").replaceChildren(...(state.items.length ? [] : [emptyState(t("alarms.none"), COMMAND)]));
  $("more").hidden = state.next === null;
  $("count").textContent = t("alarms.count", { n: state.items.length });
  $("precision").replaceChildren(rates());
}

function rates() {
  const heads = ["kind", "rate", "true", "false", "unclear", "live"].map((name) => t(`precision.${name}`));
  const shown = state.rates.filter((one) => one.true + one.false + one.unclear + one.live + one.merged > 0);
  if (shown.length === 0) return el("p", { class: "muted" }, t("precision.none"));
  return el("div", { class: "scroll" }, table(heads, shown.map((one) => [t(`alarms.${one.kind}`), one.precision === null ? "—" : `${Math.round(one.precision * 100)}%`, one.true, one.false, one.unclear, one.live].map(String))));
}

function row(one, isChosen) {
  const made = button("", () => open(one.id), { class: "row", "data-id": one.id, "aria-current": isChosen ? "true" : null });
  made.append(
    el("span", { class: "row-head" }, view.kindTag(one), view.stateTag(one), one.is_calm && one.state !== "CLOSED" && one.state !== "MERGED" ? el("span", { class: "tag" }, t("alarms.calm")) : "", view.openedAt(one)),
    han("span", one.evidence.summary ?? one.series, "row-text clamp"),
    el("span", { class: "row-foot muted" }, han("span", view.placeOf(one)), " ", el("code", {}, one.id)),
  );
  return el("li", {}, made);
}

function renderDetail() {
  const { shown, conflict } = state;
  if (!shown) {
    $("order").replaceChildren(el("p", { class: "muted" }, t("alarms.pick")));
    return;
  }
  const deeds = deedButtons(shown, others(shown), perform);
  $("order").replaceChildren(
    el("div", { class: "head" }, el("h2", { id: "alarm-title", tabindex: "-1" }, `${t("alarms.one")} ${shown.id}`), view.kindTag(shown), view.stateTag(shown)),
    ...(conflict ? [conflict] : []),
    ...(deeds.length ? [el("div", { class: "moves", role: "group", "aria-label": t("order.moves") }, ...deeds)] : []),
    ...view.parts(shown, roomOf($("order")) - PADDING),
  );
}

const others = (shown) => state.items.filter((one) => one.id !== shown.id && ["OPEN", "ACKNOWLEDGED"].includes(one.state));

/** Run a deed on the alarm on screen; where somebody was faster the alarm is shown as it now is. */
async function perform(name, body) {
  const before = state.shown;
  try {
    state.shown = await api.alarmDeed(before.id, name, { ...body, version: before.version });
  } catch (failure) {
    if (failure instanceof Failure && failure.status === 409) await showConflict(before, failure);
    throw failure;
  }
  state.conflict = null;
  state.items = state.items.map((one) => (one.id === state.shown.id ? state.shown : one));
  render();
  announce(t("alarms.done", { id: before.id, state: t(`alarms.${state.shown.state}`) }));
  await attempt(first);
  setTimeout(() => $("alarm-title").focus()); // once the dialog has closed
}

async function showConflict(before, failure) {
  const now = await api.alarm(before.id);
  if (now.version === before.version) return; // nobody was faster: it is not allowed
  state.shown = now;
  const last = now.steps.at(-1);
  state.conflict = el("section", { class: "notice area conflict", role: "alert", tabindex: "-1" }, el("h3", {}, t("conflict.title")), el("p", {}, t("alarms.conflict", { by: last.actor, step: t(`steps_of.${last.step}`) })));
  failure.isAnswered = true;
  render();
  setTimeout(() => state.conflict?.focus());
}

function render() {
  renderList();
  renderDetail();
}

const reload = () => attempt(first);

watchArrows();
for (const id of ["by-state", "by-kind", "by-days"]) $(id).addEventListener("change", reload);
$("refresh").addEventListener("click", reload);
$("more").addEventListener("click", () => attempt(more));
onResize(render);
document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && $("order").contains(document.activeElement)) focusRow(state.shown?.id);
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (!digit || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const wanted = $("order").querySelectorAll("[data-deed]")[Number(digit[1]) - 1];
  if (!wanted) return;
  event.preventDefault();
  wanted.click();
});
openPage({ render, load: first });
