/**
 * The operation mode 平急 as a banner, and the dialog that declares it.
 */

import { askFor } from "./dialog.js";
import { $, button, el, han } from "./dom.js";
import { may } from "./frame.js";
import { t } from "./i18n.js";
import * as api from "./orders.js";
import { moment } from "./times.js";

let current = null;

/** Ask for the mode and show it; `onChange()` is called when it was declared. */
export async function loadMode(onChange) {
  current = await api.mode();
  renderMode(onChange);
}

/** Show the mode again. */
export function renderMode(onChange) {
  if (!current) return;
  const isEmergency = current.mode === "EMERGENCY";
  const facts = isEmergency ? el("span", {}, t("mode.until", { time: moment(current.until), by: current.by }), " ", han("span", current.reason)) : null;
  $("mode").dataset.mode = current.mode;
  $("mode").replaceChildren(
    ...[
      el("b", {}, t(`mode.${current.mode}`)),
      facts,
      may("PUT /v1/mode") ? button(t(isEmergency ? "mode.end" : "mode.begin"), () => declare(isEmergency, onChange), { id: "declare" }) : null,
    ].filter(Boolean),
  );
}

function declare(isEmergency, onChange) {
  const mode = isEmergency ? "NORMAL" : "EMERGENCY";
  askFor({
    title: t(isEmergency ? "mode.end" : "mode.begin"),
    lines: [t(isEmergency ? "mode.end.note" : "mode.begin.note")],
    fields: [{ name: "reason", kind: "text", label: t("form.why"), required: true, length: 200, lang: "zh-CN" }],
    label: t(isEmergency ? "mode.end" : "mode.begin"),
    send: async ({ reason }) => {
      current = await api.declare({ mode, reason });
      renderMode(onChange);
      onChange();
    },
    draft: "mode",
  });
}
