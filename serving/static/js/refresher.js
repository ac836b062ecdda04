/**
 * When to ask: a short rest after the last key, one request in flight, and only the newest answer
 * counts. Knows nothing of what is asked.
 */

export const REST_MS = 80;

export class Refresher {
  /**
   * `ask(value, signal)` returns a promise. `onStart`, `onAnswer(answer, ms)` and `onFailure(error)`
   * are called for the newest value only; `onAnswer` gets the milliseconds since the rest ended.
   */
  constructor({ ask, onStart, onAnswer, onFailure }) {
    this.ask = ask;
    this.onStart = onStart;
    this.onAnswer = onAnswer;
    this.onFailure = onFailure;
    this.timer = 0;
    this.turn = 0;
    this.inFlight = null;
  }

  /** Ask once nothing was typed for `REST_MS`. */
  later(value) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(value), REST_MS);
  }

  /** Ask at once, in place of whatever was asked before. */
  async now(value) {
    this.cancel();
    const turn = this.turn;
    const started = performance.now();
    this.inFlight = new AbortController();
    this.onStart();
    try {
      const answer = await this.ask(value, this.inFlight.signal);
      if (turn === this.turn) this.onAnswer(answer, started);
    } catch (error) {
      if (turn === this.turn) this.onFailure(error);
    }
  }

  /** Forget what was asked; an answer that still comes is dropped. */
  cancel() {
    clearTimeout(this.timer);
    this.turn += 1;
    this.inFlight?.abort();
    this.inFlight = null;
  }
}
