/**
 * Names of codes: from the city's own code lists (`GET /v1/catalogue`), in English where the page
 * has a word of its own. A code that nobody knows is shown as it is.
 */

import { has, language, t } from "./i18n.js";

let lists = {};

/** Take over the code lists of the service; a later row of a code replaces an earlier one. */
export function useCatalogue(document_) {
  lists = {};
  for (const [name, entries] of Object.entries(document_)) {
    if (!Array.isArray(entries)) continue;
    lists[name] = new Map(entries.map((entry) => [String(entry.code ?? entry.level), entry]));
  }
}

/** Return an entry of a list, or null. */
export const entryOf = (list, code) => lists[list]?.get(String(code)) ?? null;

/** Return the name of a code. */
export function nameOf(list, code) {
  const own = `${list}.${code}`;
  if (language() === "en" && has(own)) return t(own);
  const entry = entryOf(list, code);
  if (entry) return entry.name ?? entry.l2;
  return has(own) ? t(own) : String(code);
}

/** Return the places that can be chosen now: districts, counties and zones in force. */
export function districts() {
  return [...(lists.regions?.values() ?? [])].filter(
    (region) => region.kind !== "city" && !region.successor && !region.valid_to && !region.recorded_to,
  );
}

/** Return the codes of a list that are in force, with their names. */
export function choices(list) {
  const today = new Date().toISOString().slice(0, 10);
  const inForce = (one) => (!one.valid_from || one.valid_from <= today) && (!one.valid_to || one.valid_to >= today);
  return [...(lists[list]?.entries() ?? [])]
    .filter(([, entry]) => inForce(entry))
    .map(([code]) => ({ code, name: nameOf(list, code) }));
}

/** Return the first levels with their topics in force: `{ l1, topics: [{ code, name }] }`. */
export function topicGroups() {
  const groups = new Map();
  for (const { code, name } of choices("topics")) {
    const { l1 } = entryOf("topics", code);
    if (!groups.has(l1)) groups.set(l1, []);
    groups.get(l1).push({ code, name });
  }
  return [...groups].map(([l1, topics]) => ({ l1, topics }));
}

/** Return the channels. */
export const channels = () => [...(lists.channels?.values() ?? [])];
