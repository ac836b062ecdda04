/**
 * The dispatcher's page: the ranked queue on one side, the chosen order on the other.
 */

import { $, el, han } from "./dom.js";
import { attempt, openPage } from "./frame.js";
import { t } from "./i18n.js";
import { loadMode, renderMode } from "./mode.js";
import { choices, districts } from "./names.js";
import { openOrder, preparePanel, renderPanel, shownOrder } from "./order_panel.js";
import * as api from "./orders.js";
import { focusRow, scoreBars, showRows, watchArrows } from "./queue_rows.js";

const PAGE = 20;
const LEVELS = ["city", "district", "township"];

const state = { items: [], next: null };

async function first() {
  const { items, next_cursor: next } = await api.queue({ ...filters(), limit: PAGE });
  Object.assign(state, { items, next });
  renderRows();
}

async function more() {
  const { items, next_cursor: next } = await api.queue({ ...filters(), limit: PAGE, cursor: state.next });
  const from = state.items.length;
  Object.assign(state, { items: [...state.items, ...items], next });
  renderRows();
  focusRow(state.items[from]?.request.id);
}

function filters() {
  return { unit: $("by-unit").value, level: $("by-level").value, region: $("by-region").value };
}

function pick(id) {
  renderRows(id);
  openOrder(id);
}

function renderRows(chosen = shownOrder()) {
  showRows(state.items, chosen, pick);
  $("more").hidden = state.next === null;
  $("count").textContent = t("queue.count", { n: state.items.length });
}

/** An order that was changed is shown as it is now; its place is the queue's to say. */
function onChange(order) {
  state.items = state.items.map((item) => (item.request.id === order.id ? { ...item, request: order } : item));
  renderRows(order.id);
}

function score(order) {
  const item = state.items.find((one) => one.request.id === order.id);
  return item ? scoreBars(item) : [];
}

function offerFilters() {
  offer($("by-unit"), choices("units"));
  offer($("by-level"), LEVELS.map((code) => ({ code, name: t(`levels.${code}`) })));
  offer($("by-region"), districts().map(({ code, name }) => ({ code, name })));
}

function offer(select, options) {
  const chosen = select.value;
  const made = options.map(({ code, name }) => {
    const option = han("option", name);
    option.value = code;
    return option;
  });
  select.replaceChildren(el("option", { value: "" }, t("queue.any")), ...made);
  select.value = chosen;
}

function render() {
  offerFilters();
  renderMode(reload);
  renderRows();
  renderPanel();
}

const reload = () =>
  attempt(async () => {
    await first();
    renderPanel(); // its score is the queue's
  });

preparePanel({ extra: score, onChange, onLeave: () => focusRow(shownOrder()) });
watchArrows();
for (const id of ["by-unit", "by-level", "by-region"]) $(id).addEventListener("change", reload);
$("refresh").addEventListener("click", reload);
$("more").addEventListener("click", () => attempt(more));
openPage({
  render,
  load: async () => {
    offerFilters();
    await Promise.all([loadMode(reload), first()]);
  },
});
