// The sign that says whether a pane changes by itself.

import { h, setText } from './dom.js';
import { pollMs } from './pace.js';
import { connectionWords } from './words.js';

const graceMs = 3000; // a connection that takes no longer, or is back that soon, is not worth a word

/**
 * Sign shows the connection's state. changed() is called when `standing` is another: the words for as long as the pane is not
 * live, and '' while it is.
 */
export class Sign {
  constructor(changed) {
    this.changed = changed;
    this.light = h('span', { class: 'light' });
    this.words = h('span', {});
    this.latency = h('span', { class: 'latency', title: 'From the change to this page, for the last change' });
    this.element = h('p', { class: 'state' }, this.light, this.words, this.latency);
    this.standing = '';
    this.late = false; // it has not been live for longer than the grace
    this.show('connecting');
  }

  /** show takes the connection's state, and why it is so where there is more to say. */
  show(state, reason = '') {
    Object.assign(this, { state, reason });
    if (state === 'live') this.settle(false);
    else if (state === 'off' || state === 'failed') this.settle(true);
    else this.grace ??= setTimeout(() => { this.settle(true); this.render(); }, graceMs);
    this.render();
  }

  settle(late) {
    clearTimeout(this.grace);
    this.grace = late ? 0 : undefined; // once late, it stays so until it is live: no flicker between attempts
    this.late = late;
  }

  render() {
    this.light.dataset.state = this.state;
    this.element.toggleAttribute('data-late', this.late);
    setText(this.words, this.late ? 'Not live' : connectionWords[this.state]);
    if (this.state !== 'live') setText(this.latency, '');
    const why = this.reason || 'Live updates do not get through at the moment.';
    const standing = this.late ? `${why} The list is read again every ${pollMs / 1000} seconds.` : '';
    if (standing === this.standing) return;
    this.standing = standing;
    this.changed();
  }

  /** measured shows how long a change took to get here, in milliseconds. What was held up longer is nothing to show. */
  measured(ms) {
    if (this.state === 'live') setText(this.latency, ms < pollMs ? `${Math.max(0, Math.round(ms))} ms` : '');
  }

  stop() {
    clearTimeout(this.grace);
  }
}
