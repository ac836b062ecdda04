/**
 * The moves that the caller may make with an order, as buttons; each asks for what it needs.
 */

import { askFor } from "./dialog.js";
import { button, el } from "./dom.js";
import { grouped } from "./fields.js";
import { has, language, percent, t } from "./i18n.js";
import { me } from "./frame.js";
import { choices, nameOf } from "./names.js";
import { move } from "./orders.js";

const DISPATCHING = ["dispatch", "reassign", "adjudicate", "designate"];
const LONG = ["basis", "note"];

/** Return the caller's moves from where an order stands; `kinds` null takes all of them. */
export function movesOf(order, kinds = null) {
  return me().moves.filter(
    (one) => one.from === order.state && order.allowed.includes(one.to) && (kinds === null || kinds.includes(one.kind)),
  );
}

/** Return the name of a move. */
export function moveName({ kind, name }) {
  return language() === "en" && has(`moves.${kind}`) ? t(`moves.${kind}`) : name;
}

/** Return the name of a reason, whatever list it is from; a person's own words stay. */
export function reasonName(code) {
  const listed = me().moves.flatMap((one) => one.reasons).find((one) => one.code === code);
  const isNamed = listed !== undefined && listed.name !== code;
  if (isNamed && language() === "zh") return listed.name; // the city's own word
  return has(`reasons.${code}`) ? t(`reasons.${code}`) : (listed?.name ?? code);
}

/** Return the buttons; `perform(send, leaves)` runs a deed that gives the order as it then is. */
export function moveButtons(order, said, kinds, perform) {
  return movesOf(order, kinds).map((one, index) => {
    const made = button(moveName(one), () => ask(order, one, said, perform), {
      class: index === 0 ? "main" : null,
      "data-move": one.kind,
      "aria-keyshortcuts": index < 9 ? `Alt+${index + 1}` : null,
    });
    if (index < 9) made.append(" ", el("kbd", {}, `Alt+${index + 1}`));
    return made;
  });
}

function ask(order, one, said, perform) {
  const fields = fieldsOf(order, one, said);
  const send = (values) => perform((version) => move(order.id, wish(one, values, version)));
  if (fields.length === 0) {
    send({});
    return;
  }
  askFor({
    title: `${moveName(one)} ${order.id}`,
    fields,
    label: moveName(one),
    send: (values) => perform((version) => move(order.id, wish(one, values, version)), { throws: true }),
    draft: `${order.id} ${one.to}`, // a dispatch that came too late goes on as a reassignment
    leaves: (failure) => ["order_stale", "move_illegal", "order_ended"].includes(failure.code),
  });
}

function wish(one, values, version) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== false && value !== "");
  const body = Object.fromEntries(given);
  if (body.confirmed) body.reason = "CONFIRMED";
  delete body.confirmed;
  if (one.kind === "designate") body.reason = "DESIGNATED";
  if (body.support?.length === 0) delete body.support;
  return { ...body, to: one.to, version };
}

function fieldsOf(order, one, said) {
  const fields = one.needs.map((name) => needed(name, one, order, said));
  if (DISPATCHING.includes(one.kind)) {
    fields.push({ name: "support", kind: "several", label: t("order.support"), options: choices("units"), value: order.support, hint: t("form.several") });
    if (!one.needs.includes("note")) fields.push({ name: "note", kind: "area", rows: 2, label: t("form.note"), lang: "zh-CN" });
  }
  if (one.kind === "reply") fields.push({ name: "confirmed", kind: "check", label: t("form.confirmed"), hint: t("form.confirmed.hint") });
  return fields;
}

function needed(name, one, order, said) {
  const common = { name, required: true, label: t(`form.${name}`) };
  if (name === "unit") return { ...common, kind: "select", options: units(order, said), value: one.kind === "dispatch" && !said?.abstain ? order.lead : "" };
  if (name === "reason" && one.reasons.length > 0) {
    const options = one.reasons.map(({ code }) => ({ code, name: reasonName(code) }));
    return { ...common, kind: "select", options, value: options.length === 1 ? options[0].code : "" };
  }
  if (LONG.includes(name)) return { ...common, kind: "area", lang: "zh-CN", length: 10_000, hint: has(`form.${name}.hint`) ? t(`form.${name}.hint`) : null };
  return { ...common, kind: "text", lang: "zh-CN", length: name === "into" ? 24 : 64 };
}

/** The units as a picker: the suggested ones first with how sure, those accused left out. */
function units(order, said) {
  const accused = order.accused ?? [];
  const likely = (said?.units ?? []).slice(0, 5).filter((unit) => !accused.includes(unit.code)).map((unit) => ({
    code: unit.code,
    name: `${nameOf("units", unit.code)} ${percent(unit.confidence)}`,
  }));
  return grouped(likely, choices("units").filter((unit) => !accused.includes(unit.code)));
}
