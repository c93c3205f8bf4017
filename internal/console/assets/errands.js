// Reads of single bookings: each as often as it is needed, one at a time, until it has worked.

import { Problem } from './api.js';
import { backoff } from './pace.js';

const atOnce = 4; // a browser has six connections; the others are for what people do

/**
 * Errands reads bookings by id. onView(view, told) takes what was read; told says that a message had asked for it. onGone(id)
 * is called for a booking that is not there, or not for this person to see.
 */
export class Errands {
  constructor(api, { onView, onGone }) {
    Object.assign(this, { api, onView, onGone });
    this.wanted = new Map(); // id → wish
    this.reading = new Set();
    this.failures = 0;
    this.stopped = false;
  }

  /**
   * want reads a booking soon: at the log position or later, and, with `now`, not by a read that is on its way already. Many
   * wishes become one read, and one that a read has covered is dropped.
   */
  want(id, { position = 0, now = false, told = false }) {
    const before = this.wanted.get(id) ?? { position: 0, now: false, told: false };
    this.wanted.set(id, {
      position: Math.max(position, before.position), now: now || before.now, told: told || before.told,
    });
    this.work();
  }

  work() {
    if (this.stopped || this.resting) return;
    for (const [id, wish] of this.wanted) {
      if (this.reading.size >= atOnce) return;
      if (this.reading.has(id)) continue;
      this.wanted.delete(id);
      this.reading.add(id);
      this.read(id, wish);
    }
  }

  async read(id, wish) {
    try {
      const view = await this.api.get(`/api/bookings/${id}${wish.position ? `?minPosition=${wish.position}` : ''}`);
      if (this.stopped) return;
      this.failures = 0;
      const next = this.wanted.get(id);
      if (next && !next.now && next.position <= view.position) this.wanted.delete(id);
      this.onView(view, wish.told);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (!this.stopped) this.failed(id, wish, problem);
    } finally {
      this.reading.delete(id);
      this.work();
    }
  }

  failed(id, wish, problem) {
    if (problem.status === 404) {
      // Unless it has been told of again since: then that read decides.
      if (!this.wanted.has(id)) this.onGone(id);
    } else if (problem.passing) {
      this.failures += 1;
      this.resting = setTimeout(() => {
        this.resting = undefined;
        this.work();
      }, backoff(this.failures));
      this.want(id, wish);
    }
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.resting);
  }
}
