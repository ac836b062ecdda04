/**
 * Originals of an order: shown only after a purpose was given, gone when the reader leaves. Nothing
 * of them is kept outside of the page's own nodes.
 */

import { Failure } from "./api.js";
import { $, button, el, han } from "./dom.js";
import { may } from "./frame.js";
import { t } from "./i18n.js";
import { deed } from "./orders.js";
import { detailOf, titleOf } from "./problem.js";

const FIELDS = ["text", "title", "name", "phone", "address"];
const LONGEST_MS = 120_000;

let timer = 0;

/** Return the block that asks for a purpose; null where the caller's role may not. */
export function revealBlock(order) {
  if (!may("POST /v1/requests/{id}/reveal")) return null;
  const purpose = el("input", { id: "purpose", type: "text", required: true, minlength: 2, maxlength: 200, autocomplete: "off", lang: "zh-CN" });
  const boxes = FIELDS.map((name) => {
    const box = el("input", { type: "checkbox", value: name });
    box.checked = name === "text";
    return box;
  });
  const form = el(
    "form",
    { class: "reveal-form", id: "reveal" },
    el("label", { for: "purpose" }, t("reveal.purpose")),
    purpose,
    el("fieldset", { class: "checks" }, el("legend", { class: "unseen" }, t("reveal.what")), ...boxes.map((box) => el("label", {}, box, ` ${fieldName(box.value)}`))),
    el("button", { type: "submit" }, t("reveal.show")),
    el("p", { class: "muted" }, t("reveal.note")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(order.id, purpose.value.trim(), boxes.filter((box) => box.checked).map((box) => box.value));
  });
  return el("details", { class: "reveal" }, el("summary", {}, t("reveal.title")), form, el("div", { id: "originals", "aria-live": "polite" }));
}

/** Take the originals off the page. */
export function hideOriginals() {
  clearTimeout(timer);
  $("originals")?.replaceChildren();
}

/** Hide them when the page is left, put into the background or handed back from the cache. */
export function watchLeaving() {
  document.addEventListener("visibilitychange", () => document.hidden && hideOriginals());
  addEventListener("pagehide", hideOriginals);
}

/** The key of the block's own title is taken. */
const fieldName = (name) => t(name === "title" ? "reveal.title.field" : `reveal.${name}`);

async function show(id, purpose, fields) {
  const place = $("originals");
  hideOriginals();
  try {
    const { fields: found } = await deed(id, "reveal", { purpose, fields });
    if (!place.isConnected) return; // another order is on screen by now
    const rows = FIELDS.filter((name) => found[name]).map((name) => el("div", {}, el("dt", {}, fieldName(name)), han("dd", found[name])));
    const empty = rows.length === 0 ? el("p", { class: "muted" }, t("reveal.nothing")) : null;
    place.replaceChildren(el("dl", { class: "facts originals" }, ...rows), ...[empty, button(t("reveal.hide"), hideOriginals, { class: "quiet" })].filter(Boolean));
    timer = setTimeout(hideOriginals, LONGEST_MS);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    place.replaceChildren(el("section", { class: "notice problem", role: "alert" }, el("h3", {}, titleOf(failure)), el("p", {}, detailOf(failure))));
  }
}
