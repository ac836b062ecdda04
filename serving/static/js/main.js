/**
 * The page put together: what is typed goes to the service, the newest answer goes on screen.
 */

import * as api from "./api.js";
import * as compose from "./compose.js";
import { copyText, inWords } from "./copy.js";
import { $ } from "./dom.js";
import { showDuty } from "./duty.js";
import { showMatters } from "./matters.js";
import { showSource } from "./evidence.js";
import { showLanguage, showLinks } from "./frame.js";
import { forgetRequester, offerIntake, showReceipt, watchIntake } from "./intake.js";
import { language, rememberedLanguage, setLanguage, t } from "./i18n.js";
import { listen } from "./keyboard.js";
import { useCatalogue } from "./names.js";
import { showNotices } from "./notices.js";
import { clearProblem, showProblem } from "./problem.js";
import { makeRows, showRanking } from "./ranking.js";
import { Refresher } from "./refresher.js";
import { announce, announceLater, say, sayAgain } from "./status.js";
import { showElements, showStrip } from "./summary.js";
import { forgetWhy, watchWhy } from "./why.js";

const PATIENCE_MS = 250; // before "updating" is said at all: a usual answer takes less

const state = { answer: null, failure: null, picked: null, lists: null, versions: null };
let busyTimer = 0;

const refresher = new Refresher({ ask: api.triage, onStart, onAnswer, onFailure });

function changed() {
  compose.showCount();
  if (compose.isBlank()) reset();
  else refresher.later(compose.request());
}

function refresh() {
  compose.showCount();
  if (compose.isBlank()) reset();
  else refresher.now(compose.request());
}

function onStart() {
  $("answer").setAttribute("aria-busy", "true");
  clearTimeout(busyTimer);
  busyTimer = setTimeout(() => say("busy", "state.busy"), PATIENCE_MS);
}

function onAnswer(answer, started) {
  settle();
  if (state.failure !== null) offerIntake(); // a key may have been typed since
  Object.assign(state, { answer, failure: null, versions: answer.versions });
  clearProblem();
  render();
  if (state.lists !== answer.versions.catalogue) loadNames(answer.versions.catalogue);
  requestAnimationFrame(() => {
    performance.clearMeasures("triage");
    const measure = performance.measure("triage", { start: started });
    say("done", "state.done", { n: Math.max(1, Math.round(measure.duration)) });
  });
  announceLater(answer);
}

function onFailure(failure) {
  if (!(failure instanceof api.Failure)) throw failure;
  settle();
  state.failure = failure;
  say("failed", "state.failed");
  showProblem(failure, refresh);
  render();
}

function settle() {
  clearTimeout(busyTimer);
  $("answer").setAttribute("aria-busy", "false");
}

function reset() {
  refresher.cancel();
  settle();
  announce("");
  Object.assign(state, { answer: null, failure: null, picked: null });
  clearProblem();
  render();
  say("idle", "state.idle");
}

function render() {
  const { answer, failure } = state;
  $("empty").hidden = answer !== null || failure !== null;
  $("result").hidden = answer === null;
  $("copy").hidden = answer === null || failure !== null;
  $("stale").hidden = answer === null || failure === null;
  $("answer").classList.toggle("outdated", answer !== null && failure !== null);
  showNotices(answer, language());
  showSource(answer);
  showElements(answer);
  forgetWhy(failure === null ? answer : null);
  showVersions();
  if (answer === null) return;
  showStrip(answer);
  showRanking(answer, chosen());
  showDuty(answer);
  showMatters(answer);
}

/** The unit that the agent picked, while it is a candidate; else the first one, unless in doubt. */
function chosen() {
  const { units, abstain } = state.answer;
  if (units.some((unit) => unit.code === state.picked)) return state.picked;
  return abstain || units.length === 0 ? null : units[0].code;
}

function choose(rank) {
  const unit = state.answer?.units[rank];
  if (!unit) return;
  state.picked = unit.code;
  showRanking(state.answer, chosen());
  announce(t("units.chosen", { name: unit.name }));
}

async function copy() {
  if ($("copy").hidden) return;
  const done = await copyText(inWords(state.answer, chosen()));
  const words = done ? "answer.copied" : "answer.uncopied";
  say(done ? "done" : "failed", words);
  announce(t(words));
}

function clear() {
  if (!compose.clear()) return;
  forgetRequester();
  compose.showCount();
  reset();
  $("text").focus();
  announce(t("announce.cleared"));
}

function restore() {
  compose.restore();
  refresh();
  $("text").focus();
  announce(t("announce.restored"));
}

function showVersions() {
  $("versions").textContent = state.versions ? t("versions.line", state.versions) : "";
}

/** Say which model answers, before there is an answer. */
async function learnVersions() {
  try {
    const { versions } = await api.ready();
    state.versions ??= versions;
    showVersions();
  } catch (failure) {
    if (!(failure instanceof api.Failure)) throw failure;
  }
}

/** Load the code lists; without them codes are shown by the page's own words. */
async function loadNames(version) {
  state.lists = version;
  try {
    const lists = await api.catalogue();
    state.lists = lists.version;
    useCatalogue(lists);
    compose.offerPlaces();
    render();
  } catch (failure) {
    if (!(failure instanceof api.Failure)) throw failure;
  }
}

async function switchTo(code) {
  await setLanguage(code);
  showLanguage();
  showLinks();
  compose.showCount();
  render();
  sayAgain();
  showReceipt();
  if (state.failure) showProblem(state.failure, refresh);
}

async function start() {
  makeRows(choose);
  await switchTo(rememberedLanguage());
  compose.watch(changed);
  listen({ refresh, clear, copy, choose, focus: () => $("text").focus() });
  $("clear").addEventListener("click", clear);
  $("restore").addEventListener("click", restore);
  $("copy").addEventListener("click", copy);
  watchWhy(compose.request);
  watchIntake(compose.request, () => compose.clear() && reset());
  $("language").addEventListener("click", () => switchTo(language() === "zh" ? "en" : "zh"));
  compose.loadExamples(() => {
    $("text").focus();
    $("text").setSelectionRange(0, 0);
    refresh();
  });
  loadNames(null);
  learnVersions();
  offerIntake();
  document.documentElement.dataset.ready = "true";
  if (!compose.isBlank()) refresh(); // the browser kept the text over a reload
}

start();
