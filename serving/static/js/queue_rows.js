/**
 * The rows of a list of orders, each a button; arrow keys go from one to the next. The parts of a
 * score stand as bars with their reasons in words.
 */

import { $, el, han } from "./dom.js";
import { t } from "./i18n.js";
import { due, level, unitName } from "./order_view.js";

const EXCERPT = 64;

/** Show rows; `onPick(id)` is called for the one that is chosen, `chosen` is on screen. */
export function showRows(items, chosen, onPick) {
  $("rows").replaceChildren(...items.map((item) => row(item, item.request.id === chosen, onPick)));
  $("rows-none").hidden = items.length > 0;
}

/** Let the arrow keys walk the rows. */
export function watchArrows() {
  $("rows").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const rows = [...$("rows").querySelectorAll(".row")];
    const next = rows[rows.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/** Give the focus back to the row of an order. */
export function focusRow(id) {
  const rows = [...$("rows").querySelectorAll(".row")];
  (rows.find((row_) => row_.dataset.id === id) ?? rows[0])?.focus();
}

/** Return the parts of a score as bars, the strongest of all a full one. */
export function scoreBars({ score, reasons }) {
  const most = Math.max(...reasons.map((part) => Math.abs(part.points)), 1);
  const lines = reasons.map(({ part, points, reason }) => {
    const fill = el("span", { class: "bar-fill" });
    fill.style.setProperty("--share", Math.abs(points) / most);
    return el(
      "li",
      { class: points < 0 ? "minus" : null },
      el("span", { class: "part" }, t(`score.${part}`)),
      el("span", { class: "bar-track", "aria-hidden": "true" }, fill),
      el("span", { class: "num points" }, signed(points)),
      han("span", reason, "muted"),
    );
  });
  return [el("h3", {}, t("score.title", { score: signed(score) })), el("ul", { class: "score-parts" }, ...lines)];
}

function row({ request: order, score, reasons }, isChosen, onPick) {
  const made = el(
    "button",
    { type: "button", class: "row", "data-id": order.id, "aria-current": isChosen ? "true" : null },
    el("span", { class: "row-head" }, level(order.urgency), el("span", { class: "tag" }, t(`states.${order.state}`)), role(order), flag(order), due(order.due_at), score === undefined ? null : el("span", { class: "score num", title: t("score.name") }, signed(score))),
    han("span", excerpt(order), "row-text"),
    el("span", { class: "row-foot muted" }, han("span", unitName(order.lead)), " ", el("code", {}, order.id), reasons ? why(reasons) : null),
  );
  made.addEventListener("click", () => onPick(order.id));
  return el("li", {}, made);
}

/** What lifts an order, in the words of the two strongest parts. */
function why(reasons) {
  const lifting = reasons.filter((part) => part.points > 0.05).sort((a, b) => b.points - a.points);
  return lifting.length ? han("span", ` ${lifting.slice(0, 3).map((part) => `${part.reason} ${signed(part.points)}`).join(" · ")}`) : null;
}

/** What the caller's unit is to the order, where it is not simply its lead. */
function role(order) {
  return ["SUPPORT", "INTERIM"].includes(order.unit_role) ? el("span", { class: "tag" }, t(`unit_role.${order.unit_role}`)) : null;
}

function flag(order) {
  if (order.supervised) return el("span", { class: "tag warn" }, t("order.watched"));
  return order.reply_held ? el("span", { class: "tag warn" }, t("order.held")) : null;
}

function excerpt(order) {
  const words = [...(order.title || order.text)];
  return words.length > EXCERPT ? `${words.slice(0, EXCERPT).join("")}…` : words.join("");
}

function signed(points) {
  const rounded = Math.round(points * 10) / 10;
  return rounded > 0 ? `+${rounded}` : String(rounded).replace("-", "−");
}
