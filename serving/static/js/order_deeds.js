/**
 * Deeds beside the moves: override, split, extend, remind, supervise, release, reopen. Each is
 * offered only to those whose role may do it and where it makes sense.
 */

import { askFor } from "./dialog.js";
import { button } from "./dom.js";
import { may } from "./frame.js";
import { t } from "./i18n.js";
import { choices } from "./names.js";
import { deed } from "./orders.js";

const ENDED = ["CLOSED", "MERGED"];
const BEFORE_DISPATCH = ["RECEIVED", "SUGGESTED", "MANUAL"];
const MOST_PARTS = 3;

const DEEDS = [
  { name: "release", fits: (order) => order.reply_held, fields: () => [] },
  { name: "overrides", fits: isOpen, fields: overrideFields, body: overrideBody },
  { name: "split", fits: (order) => BEFORE_DISPATCH.includes(order.state) && !order.part_of && order.parts.length === 0, fields: splitFields, body: splitBody },
  { name: "extension", fits: isOpen, fields: extensionFields },
  { name: "remind", fits: isOpen, fields: noteField },
  { name: "supervise", fits: (order) => isOpen(order) && !order.supervised, fields: noteField },
  { name: "reopen", fits: (order) => order.state === "CLOSED", fields: reasonField },
];
const UNVERSIONED = ["remind", "supervise", "reopen"];

/** Return the buttons; `perform` as in `order_moves`. */
export function deedButtons(order, said, perform) {
  const offered = DEEDS.filter(({ name, fits }) => may(`POST /v1/requests/{id}/${name}`) && fits(order));
  return offered.map((one) => button(t(`deeds.${one.name}`), () => ask(order, said, one, perform), { class: "quiet", "data-deed": one.name }));
}

function ask(order, said, one, perform) {
  const fields = one.fields(order, said);
  const send = (values, options) =>
    perform((version) => {
      const body = one.body ? one.body(values, order) : withoutNull(values);
      return deed(order.id, one.name, UNVERSIONED.includes(one.name) ? body : { ...body, version });
    }, options);
  if (fields.length === 0) {
    send({});
    return;
  }
  askFor({
    title: `${t(`deeds.${one.name}`)} ${order.id}`,
    fields,
    label: t(`deeds.${one.name}`),
    send: (values) => send(values, { throws: true }),
    draft: `${order.id} ${one.name}`,
    leaves: (failure) => ["order_stale", "order_ended"].includes(failure.code),
  });
}

function isOpen(order) {
  return !ENDED.includes(order.state);
}

function withoutNull(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

function overrideFields(order) {
  const list = (name, list_, value) => ({ name, kind: "select", label: t(`order.${name}`), options: choices(list_), value });
  return [
    list("topic", "topics", order.topic),
    list("request_type", "request_types", order.request_type),
    list("urgency", "urgency_levels", String(order.urgency ?? "")),
    list("lead", "units", order.lead),
    { name: "support", kind: "several", label: t("order.support"), options: choices("units"), value: order.support, hint: t("form.several") },
    { name: "flags", kind: "several", label: t("order.flags"), options: choices("flags"), value: order.flags },
    { name: "reason", kind: "text", label: t("form.why"), required: true, lang: "zh-CN" },
  ];
}

/** Only what was changed is sent: the rest stays the model's own judgement. */
function overrideBody(values, order) {
  const body = { reason: values.reason };
  for (const name of ["topic", "request_type", "lead"]) {
    if (values[name] && values[name] !== order[name]) body[name] = values[name];
  }
  if (values.urgency !== null && Number(values.urgency) !== order.urgency) body.urgency = Number(values.urgency);
  for (const name of ["support", "flags"]) {
    if ([...values[name]].sort().join() !== [...order[name]].sort().join()) body[name] = values[name];
  }
  return body;
}

function splitFields(order, said) {
  const matters = said?.matters ?? [];
  return Array.from({ length: MOST_PARTS }, (_, index) => {
    const matter = matters[index];
    const required = index < 2;
    return [
      { name: `text${index}`, kind: "area", rows: 2, label: t("split.text", { n: index + 1 }), required, lang: "zh-CN", value: matter ? matter.spans.map((span) => span.text).join("") : "" },
      { name: `topic${index}`, kind: "select", label: t("split.topic", { n: index + 1 }), options: choices("topics"), value: matter?.topic.code ?? "" },
      { name: `lead${index}`, kind: "select", label: t("split.lead", { n: index + 1 }), options: choices("units"), value: matter?.lead?.code ?? "" },
    ];
  }).flat();
}

function splitBody(values) {
  const parts = Array.from({ length: MOST_PARTS }, (_, index) => ({ text: values[`text${index}`], topic: values[`topic${index}`], lead: values[`lead${index}`] }));
  return { parts: parts.filter((part) => part.text).map(withoutNull) };
}

function extensionFields() {
  return [
    { name: "working_days", kind: "number", label: t("form.working_days"), required: true, min: 1, max: 250, value: 3 },
    { name: "reason", kind: "text", label: t("form.why"), required: true, lang: "zh-CN" },
  ];
}

function noteField() {
  return [{ name: "note", kind: "area", rows: 3, label: t("form.note"), lang: "zh-CN" }];
}

function reasonField() {
  return [{ name: "reason", kind: "area", rows: 3, label: t("form.why"), required: true, lang: "zh-CN" }];
}
