// One booking on the page. The card stays the same element while the booking changes.

import { h, setText } from './dom.js';
import { ended, statusWords } from './status.js';
import { dayWords, localTime, money } from './time.js';

const readableMs = 5000; // how long it takes to read why something was not done

/** Card shows a booking. actions(booking, card) returns the elements to act with. */
export class Card {
  constructor(actions) {
    this.actions = actions;
    this.time = h('time', { class: 'card-time' });
    this.day = h('span', { class: 'card-day' });
    this.title = h('h3', {});
    this.line = h('p', { class: 'card-line' });
    this.price = h('span', { class: 'card-price' });
    this.badge = h('span', { class: 'badge' });
    this.reason = h('p', { class: 'card-reason', hidden: true });
    this.error = h('p', { class: 'card-error', role: 'alert', hidden: true });
    this.foot = h('div', { class: 'card-actions' });
    this.element = h(
      'li', { class: 'card' },
      h('div', { class: 'card-when' }, this.time, this.day),
      h('div', { class: 'card-what' }, this.title, this.line, this.reason),
      h('div', { class: 'card-state' }, this.badge, this.price),
      this.error, this.foot,
    );
    this.possible = ''; // what the actions were made for
    this.failedAt = 0;
  }

  show(booking) {
    // Words about an older state go, unless the change is what they are about: then they are still to be read.
    const changed = this.booking && this.booking.revision !== booking.revision;
    if (changed && performance.now() - this.failedAt > readableMs) this.fail('');
    this.booking = booking;
    const end = booking.endAt ? `–${localTime(booking.endAt, booking.timeZone)}` : '';
    this.element.dataset.id = booking.id;
    this.element.dataset.status = booking.status;
    this.element.dataset.revision = booking.revision;
    this.element.toggleAttribute('data-incomplete', booking.incomplete);
    this.time.dateTime = booking.startAt ?? '';
    setText(this.time, `${booking.localStart}${end}`);
    setText(this.day, dayWords(booking.localDate, booking.timeZone));
    setText(this.badge, statusWords(booking.status));
    this.badge.dataset.status = booking.status;
    setText(this.price, money(booking.totalMinor, booking.currency));
    const reason = booking.reason && ended(booking) ? `“${booking.reason}”` : '';
    setText(this.reason, reason);
    this.reason.hidden = !reason;
    // Actions hold what somebody may be typing: they are made anew only when others are possible.
    if (possibleFor(booking) !== this.possible) this.renew();
  }

  /** renew makes the actions anew, with nothing asked or typed. */
  renew() {
    this.possible = possibleFor(this.booking);
    this.foot.replaceChildren(...this.actions(this.booking, this));
    this.foot.hidden = this.foot.childElementCount === 0;
  }

  /** headed sets the two lines that differ between panes. */
  headed(title, line) {
    setText(this.title, title);
    setText(this.line, line);
  }

  /** flash lets the eye find what has just changed. */
  flash() {
    this.element.classList.remove('flash');
    void this.element.offsetWidth; // restarts the animation
    this.element.classList.add('flash');
  }

  /** fail shows, in words, why an action was not done. */
  fail(words) {
    this.failedAt = performance.now();
    setText(this.error, words);
    this.error.hidden = !words;
  }

  busy(on) {
    this.element.setAttribute('aria-busy', String(on));
    for (const control of this.foot.querySelectorAll('button, select, input')) control.disabled = on;
  }
}

/** possibleFor tells apart the states in which other actions are possible. */
function possibleFor({ status, segments }) {
  return `${status} ${segments.length > 0}`;
}
