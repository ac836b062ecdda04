/**
 * The endpoints of a work order's life, one line each; nothing is kept.
 */

import { ask } from "./api.js";

const at = (id, deed = "") => `v1/requests/${encodeURIComponent(id)}${deed}`;
const dispute = (id, deed = "") => `v1/disputes/${encodeURIComponent(id)}${deed}`;

/** Return a path with those parameters that have a value. */
export function query(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

export const whoAmI = () => ask("GET", "v1/me");
export const receive = (record, key) => ask("POST", "v1/requests", record, { headers: { "idempotency-key": key } });
export const queue = (filters) => ask("GET", query("v1/queue", filters));
export const mode = () => ask("GET", "v1/mode");
export const declare = (wanted) => ask("PUT", "v1/mode", wanted);
export const order = (id) => ask("GET", at(id));
export const timeline = (id) => ask("GET", at(id, "/timeline"));
export const move = (id, wish) => ask("POST", at(id, "/transitions"), wish);
export const deed = (id, name, body) => ask("POST", at(id, `/${name}`), body);
export const disputes = (filters) => ask("GET", query("v1/disputes", filters));
export const disputed = (id) => ask("GET", dispute(id));
export const opine = (id, opinion) => ask("POST", dispute(id, "/opinions"), opinion);
export const rule = (id, ruling) => ask("POST", dispute(id, "/ruling"), ruling);
export const progress = (code, phone) => ask("GET", query(`v1/public/${encodeURIComponent(code)}`, { phone }));
