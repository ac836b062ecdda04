/**
 * The suggestion as plain text, for the work order's note field, and the clipboard.
 */

import { dutyWords } from "./duty.js";
import { language, listed, percent, t } from "./i18n.js";
import { matterLines } from "./matters.js";
import { nameOf } from "./names.js";
import { ELEMENTS } from "./summary.js";

/** Return an answer in words; `chosen` is the code of the lead unit, null for none. */
export function inWords(answer, chosen) {
  const { acceptance, urgency, elements, versions } = answer;
  const lead = answer.units.find((unit) => unit.code === chosen);
  const topic = answer.topics[0];
  const known = ELEMENTS.filter((name) => elements[name]);
  const missing = ELEMENTS.filter((name) => elements.missing.includes(name));
  const lines = [
    t("copy.title"),
    acceptance.transfer_to && t("copy.emergency", { number: acceptance.transfer_to }),
    answer.risk_flags.length > 0 &&
      t("copy.risk", { flags: listed(answer.risk_flags.map((flag) => nameOf("risk_flags", flag))) }),
    line("copy.acceptance", acceptanceWords(acceptance)),
    answer.request_type && line("copy.type", nameOf("request_types", answer.request_type.code)),
    urgency.level !== null &&
      line("copy.urgency", `${urgency.level} ${nameOf("urgency_levels", urgency.level)}`),
    topic && !answer.abstain && line("copy.topic", named(topic, topic.l1)),
    lead ? line("copy.lead", named(lead)) : t("copy.nolead"),
    lead?.body && line("copy.body", lead.body.name),
    answer.duty && line("copy.duty", dutyWords(answer.duty)),
    answer.support.length > 0 &&
      line("copy.support", listed(answer.support.map((unit) => nameOf("units", unit.code)))),
    ...matterLines(answer.matters),
    known.length > 0 &&
      line("copy.elements", known.map((name) => `${t(`elements.${name}`)} ${elements[name]}`).join(t("mark.sentence"))),
    missing.length > 0 && line("copy.missing", listed(missing.map((name) => t(`elements.${name}`)))),
    line("copy.versions", t("versions.line", versions)),
  ];
  return lines.filter(Boolean).join("\n");
}

/** Put text on the clipboard; says whether the browser allowed it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text); // a page over plain HTTP on another host has no clipboard of its own
  }
}

function copyByHand(text) {
  const before = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  return done;
}

function acceptanceWords({ decision, needs_confirmation: unconfirmed, route }) {
  const words = [nameOf("acceptance", decision), route && nameOf("acceptance", route)].filter(Boolean).join(" / ");
  if (!unconfirmed) return words;
  return language() === "zh" ? `${words}（${t("advice.confirm")}）` : `${words} (${t("advice.confirm")})`;
}

function named(item, parent = null) {
  return `${parent ? `${parent} / ` : ""}${item.name} ${percent(item.confidence)}`;
}

const line = (key, value) => t(key, { value });
