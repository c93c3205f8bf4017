// When a pane reads its list: at once, whenever realtime begins anew, and from time to time while realtime is silent.

import { around, backoff, pollMs } from './pace.js';

/**
 * Reader decides when to read. read(published) reads; published asks for all that realtime may have told of before.
 * done(problem) tells how a read went, with null for well.
 */
export class Reader {
  constructor(read, done) {
    Object.assign(this, { read, done });
    this.owed = { plain: false, published: false };
    this.busy = { plain: false, published: false };
    this.failures = 0;
    this.polling = true;
    this.stopped = false;
  }

  /**
   * again reads now. A read that is on its way may have begun too early, so one more follows it. Only a plain read never
   * keeps a published one waiting: the first may hang where the second is what makes the page right.
   */
  async again(kind = 'plain') {
    this.owed[kind] = true;
    if (this.busy[kind] || this.stopped) return;
    this.busy[kind] = true;
    clearTimeout(this.timer);
    let problem = null;
    while (this.owed[kind] && !problem && !this.stopped) {
      this.owed[kind] = false;
      problem = await this.read(kind === 'published').then(() => null, (failure) => failure);
    }
    this.busy[kind] = false;
    if (this.stopped) return;
    if (problem) this.owed[kind] = true;
    this.failures = problem ? this.failures + 1 : 0;
    this.done(problem);
    // Whoever is not signed in any more is not signed in by asking.
    if (problem?.status !== 401) this.schedule();
  }

  /** poll says whether nothing else tells of changes. */
  poll(on) {
    if (this.polling === on) return;
    this.polling = on;
    this.schedule();
  }

  schedule() {
    clearTimeout(this.timer);
    if (this.stopped || this.busy.plain || this.busy.published) return; // their end comes here again
    const owed = this.owed.published ? 'published' : 'plain';
    if (this.polling || this.owed[owed]) {
      const wait = this.failures > 0 ? Math.min(backoff(this.failures), pollMs) : around(pollMs);
      this.timer = setTimeout(() => this.again(owed), wait);
    }
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
