// The bookings that a pane holds: read from the API, changed by messages, never set back by either.

import { Problem } from './api.js';
import { applyMessage, fromView } from './changes.js';
import { Held } from './held.js';
import { dataOf } from './live.js';

const readsAtOnce = 2;
const keepAtMost = 600;

/** ended reports whether nothing can happen to a booking any more. */
export function ended(booking) {
  return booking.status === 'rejected' || booking.status === 'cancelled';
}

/**
 * Board merges reads and messages.
 *
 * readAll() returns the bookings of the pane. onChange(id, before, after, cause) is called for each booking that changed;
 * cause is 'read', 'message' or 'gone'.
 */
export class Board {
  constructor(api, readAll, onChange) {
    Object.assign(this, { api, readAll, onChange });
    this.bookings = new Map();
    this.held = new Map(); // by channel
    this.waiting = []; // messages that came before the read they belong behind
    this.reading = 0;
    this.ready = false;
    this.wanted = new Map(); // id → position: bookings to be read one by one
    this.active = 0;
  }

  heldOn(channel) {
    if (!this.held.has(channel)) this.held.set(channel, new Held());
    return this.held.get(channel);
  }

  /** readAgain reads everything. Messages that arrive meanwhile wait: they may be older than what is read. */
  async readAgain(channel) {
    if (channel) this.heldOn(channel);
    this.reading += 1;
    try {
      const views = await this.readAll();
      const found = new Set();
      for (const view of views) {
        found.add(view.id);
        this.put(view);
      }
      for (const [id, booking] of this.bookings) {
        // What the list does not show any more may still be there: it is asked for by itself, unless it has ended.
        if (!found.has(id) && !ended(booking)) this.want(id);
      }
      this.ready = true;
    } finally {
      this.reading -= 1;
      if (this.reading === 0) this.waiting.splice(0).forEach(([name, message]) => this.receive(name, message));
    }
  }

  /** put takes what was read, unless something newer is held. */
  put(view) {
    const booking = fromView(view);
    const before = this.bookings.get(booking.id);
    if (before && before.revision > booking.revision) return;
    for (const held of this.held.values()) held.read(booking.id, booking.revision);
    this.bookings.set(booking.id, booking);
    this.onChange(booking.id, before, booking, 'read');
  }

  /** receive takes a message; it returns whether it was news. */
  receive(channel, message) {
    if (this.reading > 0) {
      this.waiting.push([channel, message]);
      return false;
    }
    const data = dataOf(message);
    if (message.name === 'resync') {
      this.readAgain(channel).catch(() => {});
      return false;
    }
    if (!this.heldOn(channel).take(data.entity, data.version, data.part)) return false;
    const before = this.bookings.get(data.entity);
    if (before && before.revision > data.version) return false;
    const after = applyMessage(before, message.name, data);
    this.bookings.set(data.entity, after);
    this.onChange(data.entity, before, after, 'message');
    if (after.incomplete) this.want(data.entity, data.position);
    return true;
  }

  /** want reads one booking soon, including the given log position. */
  want(id, position = 0) {
    this.wanted.set(id, Math.max(position, this.wanted.get(id) ?? 0));
    this.work();
  }

  work() {
    while (this.active < readsAtOnce && this.wanted.size > 0) {
      const [id, position] = this.wanted.entries().next().value;
      this.wanted.delete(id);
      this.active += 1;
      this.readOne(id, position).finally(() => {
        this.active -= 1;
        this.work();
      });
    }
  }

  async readOne(id, position) {
    try {
      const view = await this.api.get(`/api/bookings/${id}${position ? `?minPosition=${position}` : ''}`);
      this.put(view);
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 404) this.drop(id);
    }
  }

  /** prune lets go of what has ended longest ago once much is held. */
  prune() {
    if (this.bookings.size <= keepAtMost) return;
    const old = [...this.bookings.values()].filter(ended)
      .sort((a, b) => (a.updatedAt || '').localeCompare(b.updatedAt || ''));
    for (const booking of old.slice(0, this.bookings.size - keepAtMost / 2)) this.drop(booking.id);
  }

  drop(id) {
    const before = this.bookings.get(id);
    this.bookings.delete(id);
    for (const held of this.held.values()) held.forget(id);
    if (before) this.onChange(id, before, undefined, 'gone');
  }
}
