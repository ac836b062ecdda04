/**
 * Ranked units and topics. Rows are made once and filled anew, so that a refresh moves the bars and
 * leaves the focus where it is.
 */

import { $, el, han } from "./dom.js";
import { language, percent, t } from "./i18n.js";
import { entryOf, nameOf } from "./names.js";

const ROWS = 5;

/** Make the rows; `onChoose(rank)` is called when an agent picks a unit. */
export function makeRows(onChoose) {
  for (let rank = 0; rank < ROWS; rank += 1) {
    const radio = el("input", {
      type: "radio",
      name: "unit",
      id: `unit-${rank}`,
      "aria-keyshortcuts": `Alt+${rank + 1}`,
      "aria-describedby": `unit-${rank}-note`,
    });
    radio.addEventListener("change", () => onChoose(rank));
    $("units").querySelector("ol").append(row(rank, radio));
    $("topics").querySelector("ol").append(row(rank, null));
  }
}

/** Fill both lists. `chosen` is the code of the lead unit, null for none. */
export function showRanking(answer, chosen) {
  const doubt = answer.abstain;
  $("units-title").textContent = t(doubt ? "units.abstain" : "units.title");
  $("topics-title").textContent = t(doubt ? "topics.abstain" : "topics.title");
  $("result").classList.toggle("doubt", doubt);
  const leads = answer.topics.slice(0, 1).map((topic) => entryOf("topics", topic.code)?.lead);
  fill($("units"), answer.units, t("units.empty"), (unit) => unitNote(unit, leads));
  fill($("topics"), answer.topics, t("topics.empty"), topicNote);
  answer.units.slice(0, ROWS).forEach((unit, rank) => {
    $(`unit-${rank}`).checked = unit.code === chosen;
    $("units").querySelectorAll("li")[rank].classList.toggle("chosen", unit.code === chosen);
  });
  showSupport(answer.support);
}

function row(rank, radio) {
  const cells = [
    el("span", { class: "rank num", "aria-hidden": radio ? "true" : null }, String(rank + 1)),
    el("span", { class: "name", lang: "zh-CN" }),
    el("span", { class: "bar-track", "aria-hidden": "true" }, el("span", { class: "bar-fill" })),
    el("span", { class: "share num" }),
    el("span", { class: "note", id: radio ? `${radio.id}-note` : null }),
  ];
  const line = radio
    ? el("label", { class: "line", for: radio.id }, radio, ...cells)
    : el("div", { class: "line" }, ...cells);
  return el("li", { hidden: true }, line);
}

function fill(list, items, empty, noteOf) {
  list.classList.toggle("is-empty", items.length === 0);
  list.dataset.empty = empty;
  list.querySelectorAll("li").forEach((line, rank) => {
    const item = items[rank];
    line.hidden = item === undefined;
    if (item === undefined) return;
    line.querySelector(".name").textContent = item.name;
    line.querySelector(".share").textContent = percent(item.confidence);
    line.querySelector(".bar-fill").style.setProperty("--share", item.confidence);
    const note = line.querySelector(".note");
    note.replaceChildren(...noteOf(item).filter(Boolean).flatMap((part) => [part, " "]));
    note.title = note.textContent; // a long one is cut off on screen
  });
}

function unitNote(unit, leads) {
  const scope = entryOf("units", unit.code)?.scope;
  return [
    unit.body ? el("span", { lang: "zh-CN", title: t("units.body", unit.body) }, unit.body.name) : null,
    leads.includes(unit.code) ? el("span", { class: "tag" }, t("units.default")) : null,
    code(unit),
    !unit.body && scope ? han("span", scope) : null,
  ];
}

function topicNote(topic) {
  return [
    topic.l1 || topic.board ? han("span", [topic.l1, topic.board].filter(Boolean).join(" · ")) : null,
    code(topic),
  ];
}

/** In English the code says more than a Chinese name. */
function code(item) {
  return language() === "en" && item.code !== item.name ? el("code", {}, item.code) : null;
}

function showSupport(support) {
  const names = support.map((unit) =>
    el("span", { class: "chip" }, han("span", nameOf("units", unit.code)), ` ${percent(unit.confidence)}`),
  );
  const words = names.length ? names : [el("span", { class: "muted" }, t("answer.none"))];
  $("support").replaceChildren(el("b", {}, t("units.support")), ...words);
}
