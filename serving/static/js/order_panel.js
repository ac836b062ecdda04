/**
 * One order on screen: its facts, its moves, its events. A move always names the version that was
 * seen; where somebody was faster, the order is read again and what changed is shown.
 */

import { Failure } from "./api.js";
import { forgetDrafts } from "./dialog.js";
import { $, el } from "./dom.js";
import { attempt } from "./frame.js";
import { t } from "./i18n.js";
import { changed } from "./conflict.js";
import { deedButtons } from "./order_deeds.js";
import { moveButtons, reasonName } from "./order_moves.js";
import * as api from "./orders.js";
import * as view from "./order_view.js";
import { hideOriginals, revealBlock, watchLeaving } from "./reveal.js";
import { announce } from "./status.js";
import { lastSuggestion, timeline } from "./timeline.js";

const STALE = ["order_stale", "move_illegal", "order_ended"];

const state = { order: null, events: [], conflict: null };
let settings = { kinds: null, extra: () => [], onChange: () => {}, onLeave: () => {} };

/**
 * Make the panel ready. `kinds` are the moves to offer (null: all), `extra(order)` gives nodes to
 * show beside the facts, `onChange(order)` hears of a deed done, `onLeave()` of the Esc key.
 */
export function preparePanel(given) {
  settings = { ...settings, ...given };
  watchLeaving();
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && $("order").contains(document.activeElement)) settings.onLeave();
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (!digit || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const wanted = $("order").querySelectorAll("[data-move]")[Number(digit[1]) - 1];
    if (!wanted) return;
    event.preventDefault();
    wanted.click();
  });
}

/** Show an order; the focus goes to its heading. */
export function openOrder(id) {
  return attempt(async () => {
    if (state.order?.id !== id) forgetDrafts();
    state.conflict = null;
    await read(id);
    $("order-title")?.focus();
  });
}

/** Return the id of the order on screen, or null. */
export const shownOrder = () => state.order?.id ?? null;

/** Show the order again, for example in another language. */
export function renderPanel() {
  hideOriginals();
  $("order").classList.toggle("is-empty", state.order === null);
  $("order").replaceChildren(...(state.order ? parts() : [el("p", { class: "muted" }, t("order.none"))]));
}

async function read(id) {
  const [order, { events }] = await Promise.all([api.order(id), api.timeline(id)]);
  Object.assign(state, { order, events });
  renderPanel();
}

function parts() {
  const { order, events, conflict } = state;
  const said = lastSuggestion(events);
  const moves = moveButtons(order, said, settings.kinds, perform);
  const deeds = settings.kinds ? [] : deedButtons(order, said, perform);
  return [
    el("div", { class: "head" }, el("h2", { id: "order-title", tabindex: "-1" }, `${t("order.title")} ${order.id}`), el("span", { class: "tag" }, t(`states.${order.state}`))),
    ...(conflict ? [conflict] : []),
    ...view.warnings(order),
    ...view.words(order, said),
    el("div", { class: "moves", role: "group", "aria-label": t("order.moves") }, ...moves, ...deeds, ...(moves.length + deeds.length ? [] : [el("span", { class: "muted" }, t("order.nomoves"))])),
    view.facts(order),
    ...view.reply(order),
    ...[revealBlock(order)].filter(Boolean),
    ...settings.extra(order),
    ...view.risks(order),
    ...view.suggestion(said),
    el("h3", {}, t("order.timeline")),
    timeline(events, reasonName),
  ];
}

/** Run a deed on the order on screen. With `throws` a failure is the dialog's to show. */
async function perform(send, { throws = false } = {}) {
  const before = state.order;
  try {
    await send(before.version);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (STALE.includes(failure.code)) await showConflict(before, failure);
    else if (!throws) await attempt(() => Promise.reject(failure));
    if (throws) throw failure;
    return;
  }
  await attempt(async () => {
    state.conflict = null;
    await read(before.id);
    announce(t("order.done", { id: before.id, state: t(`states.${state.order.state}`) }));
    settings.onChange(state.order);
    setTimeout(() => $("order-title")?.focus()); // once the dialog has closed
  });
}

async function showConflict(before, failure) {
  await attempt(async () => {
    await read(before.id);
    if (state.order.version === before.version) throw failure; // nobody was faster: it is not allowed
    state.conflict = changed(before, state.order, state.events);
    renderPanel();
    settings.onChange(state.order);
    setTimeout(() => state.conflict?.focus()); // once the dialog has closed
  });
}
