/**
 * The service over HTTP: a request in, an answer or a `Failure` out. Stores nothing but the key of
 * this tab.
 */

const KEY = "triage.key";
const TIMEOUT_MS = 10_000;

/**
 * Why there is no answer.
 *
 * `code` is the problem's own, or "unreachable" and "unexpected" where there was no problem
 * document. `retrySeconds` is null where trying the same again cannot help; `status` is 0 where
 * nothing answered.
 */
export class Failure extends Error {
  constructor(code, { title = null, detail = null, fields = [], retrySeconds = null, status = 0 } = {}) {
    super(code);
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.fields = fields;
    this.retrySeconds = retrySeconds;
    this.status = status;
  }
}

/** Use a key from now on, in this tab only. */
export function useKey(key) {
  sessionStorage.setItem(KEY, key);
}

/** Triage one request; rejects with a `Failure`, or with an AbortError when `signal` fired. */
export const triage = (request, signal) => post("v1/triage?with_text=true", request, signal);

/** Return why a request is triaged as it is. */
export const explain = (request, signal) => post("v1/explain?with_text=true", request, signal);

/** Return the code lists. */
export const catalogue = () => call("v1/catalogue", new AbortController().signal, {});

/** Return which model answers. */
export const ready = () => call("readyz", new AbortController().signal, {});

const post = (path, request, signal) => ask("POST", path, request, { signal });

/** Ask any endpoint; `body` null sends none. */
export function ask(method, path, body = null, { headers = {}, signal = new AbortController().signal } = {}) {
  if (body === null) return call(path, signal, { method, headers });
  const typed = { ...headers, "content-type": "application/json" };
  return call(path, signal, { method, headers: typed, body: JSON.stringify(body) });
}

async function call(path, signal, options) {
  const own = new AbortController();
  const stop = () => own.abort();
  const timer = setTimeout(stop, TIMEOUT_MS);
  signal.addEventListener("abort", stop);
  try {
    const url = new URL(path, document.baseURI);
    const headers = { ...options.headers, ...authorization() };
    const response = await fetch(url, { ...options, headers, signal: own.signal });
    if (!response.ok) throw await failureOf(response);
    return await decoded(response);
  } catch (error) {
    if (error instanceof Failure || signal.aborted) throw error;
    throw new Failure("unreachable", { retrySeconds: 2 });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function authorization() {
  const key = sessionStorage.getItem(KEY);
  return key ? { authorization: `Bearer ${key}` } : {};
}

async function decoded(response) {
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    throw new Failure("unexpected");
  }
}

async function failureOf(response) {
  const retry = Number(response.headers.get("retry-after"));
  const busy = response.status === 503 || response.status === 429 || response.status === 502;
  const retrySeconds = busy ? Math.max(retry || 1, 1) : null;
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json")) {
    return new Failure(busy ? "unreachable" : "unexpected", { retrySeconds, status: response.status });
  }
  const problem = await decoded(response);
  return new Failure(problem.code, {
    title: problem.title,
    detail: problem.detail,
    fields: problem.errors.map((error) => error.field),
    retrySeconds,
    status: response.status,
  });
}
