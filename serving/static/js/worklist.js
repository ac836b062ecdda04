/**
 * The unit's page: the orders that lie with the caller's units, the one due first on top.
 */

import { $, el } from "./dom.js";
import { attempt, me, openPage } from "./frame.js";
import { listed, t } from "./i18n.js";
import { openOrder, preparePanel, renderPanel, shownOrder } from "./order_panel.js";
import { unitName } from "./order_view.js";
import * as api from "./orders.js";
import { focusRow, showRows, watchArrows } from "./queue_rows.js";

const KINDS = ["acknowledge", "handle", "reply", "reject", "pause", "resume"];
const AT_UNIT = ["DISPATCHED", "ACKNOWLEDGED", "HANDLING", "PAUSED"];
const PAGE = 200;
const PAGES = 5; // a unit with more than a thousand open orders sees the most pressing thousand

const state = { items: [], isCut: false };

async function load() {
  const orders = await reached();
  const open = orders.filter((order) => AT_UNIT.includes(order.state) || order.unit_role === "INTERIM" || order.reply_held);
  state.items = open.sort((a, b) => a.due_at.localeCompare(b.due_at)).map((request) => ({ request }));
  renderRows();
}

/** The service shows a unit what was sent to it, and nothing else. */
async function reached() {
  const orders = [];
  let cursor = "";
  for (let page = 0; page < PAGES; page += 1) {
    const { items, next_cursor: next } = await api.queue({ limit: PAGE, cursor });
    orders.push(...items.map((item) => item.request));
    state.isCut = next !== null;
    if (!state.isCut) break;
    cursor = next;
  }
  return orders;
}

function pick(id) {
  renderRows(id);
  openOrder(id);
}

function onChange(order) {
  state.items = state.items.map((item) => (item.request.id === order.id ? { request: order } : item));
  renderRows(order.id);
}

function renderRows(chosen = shownOrder()) {
  showRows(state.items, chosen, pick);
  const units = me().units;
  $("units-of").replaceChildren(el("span", { lang: "zh-CN" }, units.length ? listed(units.map(unitName)) : t("worklist.all")));
  $("count").textContent = t(state.isCut ? "worklist.cut" : "worklist.count", { n: state.items.length });
}

function render() {
  renderRows();
  renderPanel();
}

const reload = () => attempt(load);

preparePanel({ kinds: KINDS, onChange, onLeave: () => focusRow(shownOrder()) });
watchArrows();
$("refresh").addEventListener("click", reload);
openPage({ render, load });
