// One booking on the page. The card stays the same element while the booking changes.

import { h, setText } from './dom.js';
import { dayWords, localTime, money } from './time.js';
import { statusWords } from './words.js';

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
    this.shown = '';
  }

  show(booking) {
    this.booking = booking;
    const end = booking.endAt ? `–${localTime(booking.endAt, booking.timeZone)}` : '';
    this.element.dataset.id = booking.id;
    this.element.dataset.status = booking.status;
    if (booking.startAt) this.time.dateTime = booking.startAt;
    setText(this.time, `${booking.localStart}${end}`);
    setText(this.day, dayWords(booking.localDate, booking.timeZone));
    setText(this.badge, statusWords[booking.status] || booking.status);
    this.badge.dataset.status = booking.status;
    setText(this.price, money(booking.totalMinor, booking.currency));
    const reason = booking.reason && ['rejected', 'cancelled'].includes(booking.status) ? `“${booking.reason}”` : '';
    setText(this.reason, reason);
    this.reason.hidden = !reason;
    // Actions hold what somebody may be typing: they are built anew only when others are possible.
    const possible = `${booking.status}/${booking.revision}/${booking.incomplete}`;
    if (possible !== this.shown) {
      this.shown = possible;
      this.fail('');
      this.foot.replaceChildren(...this.actions(booking, this));
      this.foot.hidden = this.foot.childElementCount === 0;
    }
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
    setText(this.error, words);
    this.error.hidden = !words;
  }

  busy(on) {
    this.element.setAttribute('aria-busy', String(on));
    for (const control of this.foot.querySelectorAll('button, select, input')) control.disabled = on;
  }
}
