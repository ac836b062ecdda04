/**
 * What must be seen before anything else: the emergency banner, the restricted lane, suggestions
 * that a person confirms, and abstention. Never by colour alone; each says itself in words.
 */

import { $, el, han, replaceIfChanged } from "./dom.js";
import { areaLines } from "./duty.js";
import { listed, t } from "./i18n.js";
import { nameOf } from "./names.js";

/** Show the notices of an answer; null takes them away. */
export function showNotices(answer, language) {
  const emergency = answer?.acceptance.decision === "EMERGENCY_HANDOFF" ? answer : null;
  const key = emergency && JSON.stringify([language, answer.acceptance, answer.elements.place]);
  replaceIfChanged($("emergency"), key ?? "", () => (emergency ? [banner(emergency)] : []));
  const made = answer ? [risk(answer), report(answer), advice(answer), area(answer), abstention(answer)] : [];
  $("notices").replaceChildren(...made.filter(Boolean));
}

function banner({ acceptance, elements }) {
  const number = acceptance.transfer_to;
  const place = elements.place;
  return el(
    "div",
    { class: "banner" },
    el("span", { class: "sign", "aria-hidden": "true" }, "!"),
    el(
      "div",
      { class: "banner-words" },
      el(
        "p",
        { class: "banner-title" },
        number ? t("emergency.title", { number }) : t("emergency.untitled"),
        number ? el("small", {}, ` ${nameOf("acceptance", number)}`) : null,
      ),
      el("p", {}, t("emergency.why")),
    ),
    el(
      "div",
      { class: "banner-facts" },
      ...acceptance.reasons.map((reason) => han("p", reason)),
      el("p", {}, place ? t("emergency.place", { place }) : t("emergency.noplace")),
    ),
  );
}

function risk({ risk_flags: flags }) {
  if (flags.length === 0) return null;
  const names = flags.map((flag) => nameOf("risk_flags", flag));
  return notice("risk", t("risk.title", { flags: listed(names) }), t("risk.tag"), [t("risk.note")]);
}

function report({ request_type: type, accused = [] }) {
  if (type?.code !== "REPORT") return null;
  const names = accused.map((code) => nameOf("units", code));
  const named = names.length ? t("report.accused", { names: listed(names) }) : null;
  return notice("report", t("report.title"), null, [named, t("report.note")]);
}

function area({ jurisdiction }) {
  const lines = areaLines(jurisdiction);
  if (lines.length === 0) return null;
  return notice("area", t(`area.${jurisdiction.kind}`), null, lines);
}

function advice({ acceptance }) {
  if (!acceptance.needs_confirmation) return null;
  const route = acceptance.route;
  const title = t(`advice.${acceptance.decision}`, { route: route ? nameOf("acceptance", route) : "" });
  return notice("advice", title, t("advice.confirm"), [
    ...acceptance.reasons.map((reason) => han("span", reason)),
    t("advice.anyway"),
  ]);
}

function abstention({ abstain, abstain_reasons: reasons }) {
  if (!abstain) return null;
  const lines = [...reasons.map((reason) => han("span", reason)), t("abstain.note")];
  return notice("abstain", t("abstain.title"), null, lines);
}

function notice(kind, title, tag, lines) {
  return el(
    "section",
    { class: `notice ${kind}` },
    el("h3", {}, title, tag ? el("span", { class: "tag" }, tag) : null),
    ...lines.filter(Boolean).map((line) => el("p", {}, line)),
  );
}
