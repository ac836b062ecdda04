/**
 * 登记 on the agent's page: the typed request with its requester becomes a work order. One key a
 * draft, so that neither a double click nor a retry makes two orders.
 */

import { Failure } from "./api.js";
import { $, el } from "./dom.js";
import { learnCaller, may } from "./frame.js";
import { t } from "./i18n.js";
import { receive } from "./orders.js";
import { showProblem } from "./problem.js";
import { announce } from "./status.js";
import { left, moment } from "./times.js";

const FIELDS = ["requester-name", "requester-phone", "requester-address"];

const state = { key: null, draft: null, receipt: null, isSending: false };

/** Listen to the button; `request()` is what is typed, `onDone()` empties it for the next call. */
export function watchIntake(request, onDone) {
  $("register").addEventListener("submit", (event) => {
    event.preventDefault();
    register(request, onDone);
  });
}

/** Offer the button only to those whose role may take requests in. */
export async function offerIntake() {
  try {
    await learnCaller();
    $("register").hidden = !may("POST /v1/requests");
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    $("register").hidden = true; // no work orders here, or no key yet
  }
}

/** Forget the requester and the receipt: the next call is somebody else's. */
export function forgetRequester() {
  for (const id of FIELDS) $(id).value = "";
  state.receipt = null;
  showReceipt();
}

/** Show the receipt again, in another language. */
export function showReceipt() {
  const made = state.receipt;
  $("receipt").replaceChildren(
    ...(made
      ? [
          el(
            "dl",
            { class: "facts receipt" },
            ...[
              ["intake.order", el("b", { id: "receipt-order" }, made.id)],
              ["intake.query_code", el("b", { id: "receipt-code" }, made.query_code)],
              ["intake.due", `${moment(made.due_at)}（${left(made.due_at)}）`],
            ].map(([key, value]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, value))),
          ),
          el("p", { class: "muted" }, t("intake.tell")),
        ]
      : []),
  );
}

async function register(request, onDone) {
  const record = recordOf(request());
  if (state.isSending || !record.text.trim()) return;
  state.isSending = true;
  $("register-go").disabled = true;
  try {
    state.receipt = await receive(record, keyOf(record));
    Object.assign(state, { key: null, draft: null });
    for (const id of FIELDS) $(id).value = "";
    onDone();
    showReceipt();
    announce(t("intake.done", { id: state.receipt.id }));
    $("receipt").focus();
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    showProblem(failure, () => register(request, onDone));
  } finally {
    state.isSending = false;
    $("register-go").disabled = false;
  }
}

/** The same draft has the same key, also after a failure; a changed one is another request. */
function keyOf(record) {
  const draft = JSON.stringify(record);
  if (state.draft !== draft) Object.assign(state, { draft, key: newKey() });
  return state.key;
}

/** 128 random bits; `crypto.randomUUID` is missing on a page over plain HTTP on another host. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function recordOf({ id: _, ...typed }) {
  const [name, phone, address] = FIELDS.map((field) => $(field).value.trim());
  const given = Object.entries({ name, phone, address }).filter(([, value]) => value);
  return given.length ? { ...typed, requester: Object.fromEntries(given) } : typed;
}
