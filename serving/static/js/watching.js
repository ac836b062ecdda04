/**
 * The endpoints of forecasts, alarms and hot topics, one line each; nothing is kept.
 */

import { ask } from "./api.js";
import { query } from "./orders.js";

const alarmAt = (id, deed = "") => `v1/alarms/${encodeURIComponent(id)}${deed}`;

export const forecast = (series) => ask("GET", query("v1/forecast", series));
export const backtest = (series) => ask("GET", query("v1/forecast/backtest", series));
export const areas = (series) => ask("GET", query("v1/forecast/areas", series));
export const alarms = (filters) => ask("GET", query("v1/alarms", filters));
export const precision = (filters) => ask("GET", query("v1/alarms/precision", filters));
export const alarm = (id) => ask("GET", alarmAt(id));
export const alarmDeed = (id, name, body) => ask("POST", alarmAt(id, `/${name}`), body);
export const hotTopics = (filters) => ask("GET", query("v1/hot-topics", filters));
