/**
 * Why this unit: the clause of the dispatch catalogue with its basis and who holds the power, and
 * whose area it is where that is not settled.
 */

import { $, el, han } from "./dom.js";
import { listed, t } from "./i18n.js";
import { nameOf } from "./names.js";

/** Show the clause that governs an answer; nothing where the catalogue has none. */
export function showDuty({ duty }) {
  $("duty").hidden = !duty;
  if (!duty) return;
  $("duty").replaceChildren(
    el("p", {}, el("b", {}, t("duty.title")), " ", han("span", duty.clause), " ", status(duty.status)),
    el("p", { class: "muted" }, ...details(duty).flatMap((part) => [part, " "])),
  );
}

/** Return the lines that say whose area it is, [] where it is settled. */
export function areaLines(area) {
  if (!area || area.kind === "settled" || area.kind === "unknown") return [];
  const names = area.candidates.map((place) => place.name);
  return [
    names.length > 1 ? han("span", t("area.candidates", { names: listed(names) })) : null,
    area.interim_lead ? han("span", t("area.interim", { name: area.interim_lead.name })) : null,
    area.joint_inspection ? t("area.joint") : null,
    ...area.reasons.slice(0, 1).map((reason) => han("span", reason)),
  ];
}

/** Return the clause in one line of words, for the work order's note field. */
export function dutyWords(duty) {
  return [duty.clause, duty.basis || t("duty.nobasis"), duty.holder && holder(duty)]
    .filter(Boolean)
    .join(t("mark.sentence"));
}

function details(duty) {
  const excluded = duty.excluded.map((code) => nameOf("units", code));
  return [
    duty.basis ? han("span", t("duty.basis", { basis: duty.basis })) : t("duty.nobasis"),
    duty.holder ? han("span", holder(duty)) : null,
    excluded.length ? han("span", t("duty.excluded", { names: listed(excluded) })) : null,
    duty.effective_from ? t("duty.from", { day: duty.effective_from }) : null,
    el("code", {}, duty.code),
  ].filter(Boolean);
}

function holder(duty) {
  return t(`duty.${duty.power}`, { name: duty.holder.name ?? nameOf("units", duty.holder.code) });
}

function status(code) {
  return el("span", { class: "tag" }, t(`duty.${code}`));
}
