/**
 * The analysts' page: one series with its forecast and intervals, how its models did in back-tests,
 * and every district side by side.
 */

import { Failure } from "./api.js";
import { bars, emptyState, forecastChart, numbersTable, table } from "./charts.js";
import { $, button, el, han } from "./dom.js";
import { attempt, me, openPage } from "./frame.js";
import { has, t } from "./i18n.js";
import { districts, nameOf, topicGroups } from "./names.js";
import { announce } from "./status.js";
import { onResize, roomOf } from "./svg.js";
import { moment } from "./times.js";
import * as api from "./watching.js";

const ALL = "*";
const HISTORY = 56;
const SMALL_HISTORY = 28;
const COMMANDS = {
  forecast: "triage forecast --from-store --horizon 14 --stored",
  hourly: "triage forecast --from-store --hourly --horizon 72 --stored",
  backtest: "triage forecast select --from-store",
  serve: "triage serve --trends-dir var/trends",
};

const state = { series: null, backtest: null, areas: null };

const asked = () => ({ topic: $("by-topic").value || ALL, area: $("by-area").value || ALL });

async function load() {
  const { topic, area } = asked();
  const grain = $("by-grain").value;
  const [series, backtest, areas] = await Promise.all([
    orNothing(api.forecast({ topic, area, grain, history: grain === "daily" ? String(HISTORY) : "0" })),
    orNothing(api.backtest({ topic, area })),
    orNothing(api.areas({ topic, history: String(SMALL_HISTORY) })),
  ]);
  Object.assign(state, { series, backtest, areas });
  renderSeries();
  renderBacktest();
  renderAreas();
}

/** What is not stored is no failure: the page says which command makes it. */
async function orNothing(promise) {
  try {
    return await promise;
  } catch (failure) {
    if (failure instanceof Failure && failure.status === 404) return { missing: failure.code, detail: failure.detail };
    throw failure;
  }
}

function renderSeries() {
  const { series } = state;
  if (series === null) return;
  if (series.missing) {
    $("chart").replaceChildren(nothing(series, $("by-grain").value === "hourly" ? COMMANDS.hourly : COMMANDS.forecast));
    return;
  }
  const { history: known, steps, levels } = series;
  const label = t("forecast.label", { series: seriesName(), known: known.length, ahead: steps.length });
  $("chart").replaceChildren(
    forecastChart({ known, steps, levels, label, width: roomOf($("chart")) }),
    legend(levels),
    el("dl", { class: "facts" }, ...facts(series)),
    ...series.notes.map((note) => han("p", note, "muted")),
    numbersTable([t("forecast.when"), t("forecast.median"), ...[...levels].sort((a, b) => a - b).map((level) => t("forecast.interval", { level }))], steps.map((step) => row(step, levels)), t("forecast.numbers")),
  );
}

function legend(levels) {
  const marks = [["counted", t("forecast.counted")], ["expected", t("forecast.median")]];
  [...levels].sort((a, b) => b - a).forEach((level, index) => marks.push([`band-${index}`, t("forecast.interval", { level })]));
  return el("ul", { class: "chart-legend" }, ...marks.map(([kind, name]) => el("li", {}, el("i", { class: `mark ${kind}`, "aria-hidden": "true" }), name)));
}

function facts({ steps, levels, model, known_until: until, made_at: made }) {
  const wide = levels.length ? Math.max(...levels) : null;
  const next = steps[0];
  const first = next && (wide === null ? String(whole(next.median)) : t("forecast.next", { n: whole(next.median), level: wide, low: whole(next[`lo-${wide}`]), high: whole(next[`hi-${wide}`]) }));
  return [
    [t("forecast.first"), next ? `${String(next.date).replace("T", " ")}：${first}` : "—"],
    [t("forecast.sum"), whole(steps.reduce((sum, step) => sum + step.mean, 0)).toLocaleString("en-US")],
    [t("forecast.until"), String(until)],
    [t("forecast.made"), moment(made)],
    [t("forecast.model"), modelName(model)],
  ].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { class: "num" }, value)));
}

function row(step, levels) {
  return [String(step.date).replace("T", " "), tenth(step.median), ...[...levels].sort((a, b) => a - b).map((level) => `${tenth(step[`lo-${level}`])}–${tenth(step[`hi-${level}`])}`)];
}

function renderBacktest() {
  const found = state.backtest;
  if (found === null) return;
  if (found.missing || found.candidates.length === 0) {
    $("backtest").replaceChildren(nothing(found.missing ? found : { missing: "short" }, COMMANDS.backtest));
    return;
  }
  const rows = found.candidates.map(({ name, relative, is_chosen: chosen }) => ({
    name: modelName(name), value: relative, text: relative.toFixed(2), mark: chosen,
    note: el("span", { class: "muted" }, chosen ? t("backtest.chosen") : ""),
  }));
  $("backtest").replaceChildren(
    el("p", {}, t("backtest.said", { origins: found.origins, relative: found.relative === null ? "—" : found.relative.toFixed(2), at: moment(found.chosen_at) })),
    bars(rows, { kind: "backtests" }),
    el("p", { class: "muted" }, t("backtest.note")),
    el("details", { class: "numbers" }, el("summary", {}, t("backtest.numbers")), table([t("forecast.model"), t("backtest.relative"), t("backtest.chosen")], found.candidates.map((one) => [modelName(one.name), one.relative.toFixed(4), one.is_chosen ? "✓" : ""]))),
  );
}

function renderAreas() {
  const found = state.areas;
  if (found === null) return;
  $("areas").replaceChildren(...(found.missing ? [] : found.items.map((one) => el("li", {}, small(one, found.levels)))));
  $("areas-none").replaceChildren(...(found.missing ? [nothing(found, COMMANDS.forecast)] : []));
  $("areas-note").hidden = Boolean(found.missing);
}

function small({ area, steps, history: known }, levels) {
  const name = nameOf("regions", area);
  const sum = whole(steps.reduce((all, step) => all + step.mean, 0)).toLocaleString("en-US");
  const label = t("areas.label", { area: name, n: sum, days: steps.length });
  const made = button("", () => choose(area), { class: "multiple", "data-area": area, "aria-current": area === asked().area ? "true" : null });
  made.append(el("span", { class: "row-head" }, han("b", name), el("span", { class: "num muted" }, t("areas.sum", { n: sum, days: steps.length }))), forecastChart({ known, steps, levels, label, small: true }));
  return made;
}

function choose(area) {
  $("by-area").value = area;
  reload().then(() => $("chart").focus());
}

function nothing({ missing, detail }, command) {
  if (missing === "not_found") return emptyState(t("forecast.off"), COMMANDS.serve);
  if (missing === "short") return emptyState(t("backtest.none"), command);
  return el("div", { class: "empty-state" }, detail ? han("p", detail) : null, el("p", {}, t("chart.run"), " ", el("code", {}, command)));
}

function seriesName() {
  const { topic, area } = asked();
  const what = topic === ALL ? t("forecast.all_topics") : topicName(topic);
  return `${area === ALL ? t("forecast.city") : nameOf("regions", area)} · ${what}`;
}

const topicName = (code) => nameOf("topics", code);
const modelName = (code) => code.split("+").map((one) => (has(`models.${one}`) ? t(`models.${one}`) : one)).join(" + ");
const whole = (value) => Math.round(value);
const tenth = (value) => (Math.round(value * 10) / 10).toLocaleString("en-US");

function offer() {
  const kept = asked();
  const option = ({ code, name }) => Object.assign(han("option", name), { value: code });
  const groups = topicGroups().map(({ l1, topics }) => el("optgroup", { label: l1 }, Object.assign(han("option", t("forecast.whole", { l1 })), { value: l1 }), ...topics.map(option)));
  $("by-topic").replaceChildren(el("option", { value: ALL }, t("forecast.all_topics")), ...groups);
  const own = me().regions ?? [];
  const places = districts().filter(({ code }) => own.length === 0 || own.includes(code));
  $("by-area").replaceChildren(...(own.length ? [] : [el("option", { value: ALL }, t("forecast.city"))]), ...places.map(option));
  keep($("by-topic"), kept.topic);
  keep($("by-area"), kept.area);
}

function keep(select, value) {
  if ([...select.options].some((one) => one.value === value)) select.value = value;
}

function render() {
  offer();
  renderSeries();
  renderBacktest();
  renderAreas();
}

const reload = () =>
  attempt(async () => {
    await load();
    announce(t("forecast.shown", { series: seriesName() }));
  });

for (const id of ["by-topic", "by-area", "by-grain"]) $(id).addEventListener("change", reload);
$("refresh").addEventListener("click", reload);
onResize(renderSeries);
openPage({
  render,
  load: async () => {
    offer();
    await load();
  },
});
