/**
 * What may be done with an alarm: take it on, make it part of another, close it with its outcome.
 * Each is offered only to those whose role may do it, and only while the alarm lives.
 */

import { askFor } from "./dialog.js";
import { button, el } from "./dom.js";
import { may } from "./frame.js";
import { t } from "./i18n.js";

const LIVE = ["OPEN", "ACKNOWLEDGED"];
const OUTCOMES = ["TRUE", "KNOWN", "FALSE", "UNCLEAR"];
const MOST = 500;

/** Return the buttons; `others` are alarms that it may be merged into, `perform(name, body)` acts. */
export function deedButtons(alarm, others, perform) {
  const deeds = [
    alarm.state === "OPEN" && { name: "acknowledge", fields: () => [note()] },
    LIVE.includes(alarm.state) && others.length > 0 && { name: "merge", fields: () => [into(others), note()] },
    LIVE.includes(alarm.state) && { name: "close", fields: () => [outcome(), note()] },
  ];
  return deeds
    .filter((one) => one && may(`POST /v1/alarms/{id}/${one.name}`))
    .map((one, index) => {
      const made = button(t(`alarm_deeds.${one.name}`), () => ask(alarm, one, perform), { class: index === 0 ? "main" : null, "data-deed": one.name, "aria-keyshortcuts": `Alt+${index + 1}` });
      made.append(" ", el("kbd", {}, `Alt+${index + 1}`));
      return made;
    });
}

function ask(alarm, { name, fields }, perform) {
  askFor({
    title: `${t(`alarm_deeds.${name}`)} ${alarm.id}`,
    lines: name === "close" ? [t("alarm_deeds.close.note")] : [],
    fields: fields(),
    label: t(`alarm_deeds.${name}`),
    send: (values) => perform(name, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))),
    draft: `${alarm.id} ${name}`,
    leaves: (failure) => Boolean(failure.isAnswered),
  });
}

const note = () => ({ name: "note", kind: "area", rows: 3, label: t("form.note"), lang: "zh-CN", length: MOST });

const outcome = () => ({ name: "outcome", kind: "select", label: t("alarm_deeds.outcome"), required: true, options: OUTCOMES.map((code) => ({ code, name: t(`outcomes.${code}`) })) });

const into = (others) => ({ name: "into", kind: "select", label: t("alarm_deeds.into"), required: true, options: others.map((one) => ({ code: one.id, name: `${one.id} ${String(one.evidence.summary ?? one.series).slice(0, 40)}` })) });
