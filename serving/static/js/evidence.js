/**
 * The masked text with its evidence: spans of the answer become marks, shaded by weight within
 * their step. Offsets of the service count characters (code points), those of a page UTF-16 units.
 */

import { $, el } from "./dom.js";
import { has, t } from "./i18n.js";

const SHADES = 4;
const STEPS = ["acceptance", "urgency", "units", "topic", "other"]; // the first one wins an overlap
const PLACEHOLDER = /<(?:QQ|[\u4e00-\u9fff]{2,4})\d{0,6}>/g; // stored texts carry no numbers

/** Show the text of an answer and its evidence; null shows that there is none yet. */
export function showSource(answer) {
  const text = answer?.text ?? "";
  const spans = answer ? spansOf(answer.evidence, text) : [];
  const pieces = segments(text, spans, placeholders(text)).map(pieceOf);
  $("masked").replaceChildren(...(answer ? pieces : [el("span", { class: "muted" }, t("source.empty"))]));
  $("legend").replaceChildren(...(answer ? legend(spans) : []));
}

/** Return a stored text as nodes, its evidence marked where the words still stand. */
export function marked(evidence, text) {
  const characters = [...text];
  const standing = evidence.filter((item) => characters.slice(item.start, item.end).join("") === item.text);
  return segments(text, spansOf(standing, text), placeholders(text)).map(pieceOf);
}

/** Return the evidence as spans of UTF-16 offsets with a shade from 1 (weak) to `SHADES`. */
export function spansOf(evidence, text) {
  const place = placesOf(text);
  const strongest = new Map();
  for (const { step, weight } of evidence) {
    strongest.set(step, Math.max(strongest.get(step) ?? 0, weight));
  }
  return evidence.map((item) => ({
    start: place(item.start),
    end: place(item.end),
    step: STEPS.includes(item.step) ? item.step : "other",
    weight: item.weight,
    shade: shadeOf(item.weight, strongest.get(item.step)),
  }));
}

/** Cut a text where spans or placeholders begin and end; an overlap goes to the stronger step. */
export function segments(text, spans, masked) {
  const cuts = new Set([0, text.length]);
  for (const { start, end } of [...spans, ...masked]) cuts.add(start).add(end);
  const edges = [...cuts].sort((a, b) => a - b);
  const ranked = [...spans].sort(
    (a, b) => STEPS.indexOf(a.step) - STEPS.indexOf(b.step) || b.weight - a.weight,
  );
  const covers = (span, at) => span.start <= at && at < span.end;
  return edges.slice(0, -1).map((start, index) => ({
    text: text.slice(start, edges[index + 1]),
    span: ranked.find((span) => covers(span, start)) ?? null,
    isMasked: masked.some((span) => covers(span, start)),
  }));
}

function placeholders(text) {
  return [...text.matchAll(PLACEHOLDER)].map((hit) => ({
    start: hit.index,
    end: hit.index + hit[0].length,
  }));
}

/** Return a function from an offset in characters to one in UTF-16 units. */
function placesOf(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (offset) => offset;
  const starts = [];
  let at = 0;
  for (const character of text) {
    starts.push(at);
    at += character.length;
  }
  return (offset) => starts[offset] ?? text.length;
}

function shadeOf(weight, strongest) {
  if (!(strongest > 0)) return 1;
  return Math.min(SHADES, Math.max(1, Math.ceil((weight / strongest) * SHADES)));
}

function pieceOf({ text, span, isMasked }) {
  const words = isMasked ? el("span", { class: "pii" }, text) : text;
  if (span === null) return isMasked ? words : document.createTextNode(text);
  const title = t("source.weight", { step: t(`evidence.${span.step}`), weight: span.weight });
  return el("mark", { "data-step": span.step, "data-shade": span.shade, title }, words);
}

function legend(spans) {
  if (spans.length === 0) return [el("span", { class: "muted" }, t("source.noevidence"))];
  const present = STEPS.filter((step) => spans.some((span) => span.step === step));
  const keys = present.map((step) =>
    el("mark", { "data-step": step, "data-shade": 3 }, has(`evidence.${step}`) ? t(`evidence.${step}`) : step),
  );
  const scale = [1, 2, 3, 4].map((shade) => el("mark", { "data-step": present.at(-1), "data-shade": shade }));
  return [
    ...keys,
    el("span", { class: "scale muted" }, t("source.weak"), ...scale, t("source.strong")),
  ];
}
