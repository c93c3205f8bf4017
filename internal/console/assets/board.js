// The bookings that a pane holds: read from the API, changed by messages, never set back by either.

import { alike, applyMessage, concerns, fromView } from './changes.js';
import { Errands } from './errands.js';
import { Held } from './held.js';
import { ended } from './status.js';

const keepAtMost = 600;

/**
 * Board merges reads and messages. Of each booking it knows how far into the log it has been read (readAt): a message from
 * before that place is no news, and one from behind it asks for a read of the booking, because messages do not tell all.
 *
 * readAll(since) yields lists of bookings, each with the position it was read at. onChange(id, before, after, cause) is
 * called for each booking that changed; cause is 'read', 'message' or 'gone'. onGap() is called when it is not known what has
 * been missed.
 */
export class Board {
  constructor(api, { readAll, onChange, onGap }) {
    Object.assign(this, { readAll, onChange, onGap });
    this.bookings = new Map();
    this.held = new Map(); // by channel
    this.ready = false;
    this.errands = new Errands(api, {
      onView: (view, told) => this.put(view, view.position, told ? 'message' : 'read'),
      onGone: (id) => this.drop(id),
    });
  }

  heldOn(channel) {
    if (!this.held.has(channel)) this.held.set(channel, new Held());
    return this.held.get(channel);
  }

  /** readAgain reads everything. Messages may come meanwhile: whatever is older gives way. */
  async readAgain(since) {
    const found = new Set();
    let oldest = Infinity;
    for await (const { bookings, position } of this.readAll(since)) {
      for (const view of bookings) {
        found.add(view.id);
        this.put(view, position, 'read');
      }
      oldest = Math.min(oldest, position);
    }
    for (const [id, booking] of this.bookings) {
      // What no list shows any more may still be there: it is asked for by itself, unless it has ended or a list is older.
      if (!found.has(id) && !ended(booking) && booking.readAt < oldest) this.want(id, oldest);
    }
    this.ready = true;
  }

  /** put takes what was read, unless something newer is held. */
  put(view, position, cause) {
    const before = this.bookings.get(view.id);
    if (before && (before.revision > view.revision || before.readAt > position)) return;
    for (const held of this.held.values()) held.read(view.id, view.revision);
    const booking = fromView(view, position);
    this.bookings.set(view.id, booking);
    // Names change without a revision, and most reads bring nothing new.
    if (!before || !alike(before, booking)) this.onChange(view.id, before, booking, cause);
  }

  /** receive takes a message's name and data; it returns whether that changed a booking. */
  receive(channel, name, data) {
    const { known, id } = concerns(data);
    if (name === 'resync' || !known) {
      this.onGap();
      return false;
    }
    if (!this.heldOn(channel).take(data.entity, data.version, data.part)) return false;
    if (!id) {
      this.onGap(); // it may matter to any of them
      return false;
    }
    const before = this.bookings.get(id);
    if (before?.readAt >= data.position) return false;
    // The version is that of the entity, which may be a leave: only of the booking itself does it say what is newer.
    const own = data.entity === id;
    if (own && before?.revision > data.version) return false;
    this.errands.want(id, { position: data.position, told: true });
    const after = own ? applyMessage(before, name, data) : undefined;
    if (!after) return false;
    this.bookings.set(id, after);
    this.onChange(id, before, after, 'message');
    return true;
  }

  /** want reads a booking soon: at a log position or later, or, without one, anew, because what is held is in doubt. */
  want(id, position) {
    this.errands.want(id, { position, now: position === undefined });
  }

  /** has reports whether a booking has been read at a log position or later. */
  has(id, position) {
    return this.bookings.get(id)?.readAt >= position;
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

  stop() {
    this.errands.stop();
  }
}
