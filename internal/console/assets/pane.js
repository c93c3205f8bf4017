// What all panes have in common: a head with the connection's state, a list that changes by itself, and words for trouble.

import { published } from './api.js';
import { Board } from './board.js';
import { Card } from './card.js';
import { announce, freshId, h, setText } from './dom.js';
import { Live } from './live.js';
import { Reader } from './reader.js';
import { Sign } from './sign.js';
import { statusWords } from './status.js';
import { inWords } from './words.js';

const lingerMs = 6000; // how long a card stays in its group after it has changed
const messageMs = 2000; // by when the message of a change has long come
const quarterMs = 15 * 60e3; // a day begins with a quarter of an hour, in whatever zone
const showAtMost = 60; // cards; the counts tell how many there are

/**
 * Pane shows one person's bookings. Subclasses give: channels(), readAll(since) yields lists, headline(booking) → [title, line],
 * groups() → [{id, label, holds(booking), order(a, b), empty}], actions(booking, card) → elements.
 */
export class Pane {
  constructor(api, who, { title, subtitle }) {
    this.api = api;
    this.who = who;
    this.cards = new Map();
    this.lingering = new Map(); // id → until when it is still shown where it was
    this.unread = ''; // why the last read failed
    this.sign = new Sign(() => this.complain());
    this.board = new Board(api, {
      readAll: (since) => this.readAll(since),
      onChange: (...change) => this.changed(...change),
      onGap: () => this.reader.again('published'),
    });
    this.reader = new Reader((all) => this.board.readAgain(all ? published : {}), (problem) => this.hasRead(problem));
    this.live = new Live(api, {
      onState: (state, words) => this.state(state, words),
      onAttached: () => this.reader.again('published'),
      onMessage: (channel, name, data) => this.receive(channel, name, data),
    });
    this.build(title, subtitle);
  }

  build(title, subtitle) {
    const heading = freshId('pane');
    this.trouble = h('p', { class: 'notice', role: 'alert', hidden: true });
    this.tabs = h('div', { class: 'tabs', role: 'group', 'aria-label': 'Show' });
    this.list = h('ul', { class: 'cards' });
    this.empty = h('p', { class: 'empty' }, 'Reading…');
    this.tools = h('div', { class: 'tools' });
    this.element = h(
      'section', { class: 'pane', 'aria-labelledby': heading },
      h('header', { class: 'pane-head' },
        h('div', {}, h('h2', { id: heading }, title), h('p', { class: 'who' }, subtitle)),
        this.sign.element),
      this.trouble, this.tools, this.tabs, this.list, this.empty,
    );
    this.buildTabs();
  }

  buildTabs() {
    const groups = this.groups();
    this.group = groups[0];
    this.tabs.hidden = groups.length < 2;
    this.tabs.replaceChildren(...groups.map((group) => h('button', {
      type: 'button', class: 'tab', 'data-group': group.id, 'aria-pressed': String(group === this.group),
      onclick: () => this.choose(group.id),
    }, group.label, h('span', { class: 'count' }))));
  }

  choose(id) {
    this.group = this.groups().find((group) => group.id === id);
    for (const tab of this.tabs.children) tab.setAttribute('aria-pressed', String(tab.dataset.group === id));
    this.lingering.clear();
    this.arrange();
  }

  /** start reads at once: what can be read is shown, whatever becomes of the connection. */
  start() {
    this.reader.again();
    this.live.start(this.channels());
    this.turnDays();
  }

  /** turnDays shows the cards again when a day may have ended somewhere: tomorrow becomes today. */
  turnDays() {
    for (const card of this.cards.values()) card.show(card.booking);
    this.day = setTimeout(() => this.turnDays(), quarterMs - (Date.now() % quarterMs) + 1000);
  }

  stop() {
    clearTimeout(this.day);
    this.reader.stop();
    this.board.stop();
    this.live.stop();
    this.sign.stop();
  }

  /** hasRead takes how a read went. */
  hasRead(problem) {
    this.unread = problem ? inWords(problem) : '';
    this.complain();
    this.arrange();
  }

  receive(channel, name, data) {
    try {
      if (this.board.receive(channel, name, data)) this.sign.measured(Date.now() - Date.parse(data.occurredAt));
    } catch (error) {
      // What cannot be understood is as good as lost.
      this.reader.again('published');
      reportError(error);
    }
  }

  state(state, words) {
    this.sign.show(state, words);
    this.reader.poll(state !== 'live');
  }

  /** complain says what is wrong with the list, or, when nothing is, why it is not live. */
  complain() {
    const words = this.unread || this.sign.standing;
    setText(this.trouble, words);
    this.trouble.hidden = !words;
  }

  changed(id, before, after, cause) {
    if (!after) {
      this.cards.get(id)?.element.remove();
      this.cards.delete(id);
      this.arrangeSoon();
      return;
    }
    const card = this.cards.get(id) ?? new Card((booking, shown) => this.actions(booking, shown));
    this.cards.set(id, card);
    card.headed(...this.headline(after));
    card.show(after);
    if (before?.status !== after.status && (before || cause === 'message')) this.point(id, Boolean(before));
    this.arrangeSoon();
  }

  /** point draws the eye, or the ear, to a booking that has another status. */
  point(id, moved) {
    const card = this.cards.get(id);
    if (moved) this.linger(id);
    card.flash();
    announce(`${this.headline(card.booking)[0]}: ${statusWords(card.booking.status)}`);
  }

  /** linger keeps a card where it is for a moment, so that the eye can see what became of it. */
  linger(id) {
    if (this.cards.get(id).element.parentNode !== this.list) return;
    this.lingering.set(id, performance.now() + lingerMs);
    setTimeout(() => this.arrangeSoon(), lingerMs + 50);
  }

  /** stays reports whether a card that no longer belongs into the group is still shown: it has just changed, or is in use. */
  stays(booking) {
    if ((this.lingering.get(booking.id) ?? 0) > performance.now()) return true;
    const { element } = this.cards.get(booking.id);
    return element.parentNode === this.list && element.contains(document.activeElement);
  }

  arrangeSoon() {
    if (this.arranging) return;
    this.arranging = true;
    requestAnimationFrame(() => {
      this.arranging = false;
      this.arrange();
    });
  }

  /** arrange puts the right cards into the list, moving only what is out of place. */
  arrange() {
    this.board.prune();
    const all = [...this.board.bookings.values()];
    const shown = all.filter((booking) => this.group.holds(booking) || this.stays(booking))
      .sort(this.group.order).slice(0, showAtMost);
    const elements = shown.map((booking) => this.cards.get(booking.id).element);
    const kept = new Set(elements);
    // Cards that stay are not touched: moving one would take the focus from whoever is typing in it.
    for (const element of [...this.list.children]) if (!kept.has(element)) element.remove();
    elements.forEach((element, index) => {
      if (this.list.children[index] !== element) this.list.insertBefore(element, this.list.children[index] ?? null);
    });
    for (const tab of this.tabs.children) {
      const group = this.groups().find((g) => g.id === tab.dataset.group);
      setText(tab.querySelector('.count'), String(all.filter((b) => group.holds(b)).length));
    }
    setText(this.empty, this.board.ready ? this.group.empty : 'Reading…');
    this.empty.hidden = shown.length > 0;
  }

  /** act runs a command and says in words what came of it. The change itself comes back as a message. */
  async act(card, body, revision) {
    card.fail('');
    card.busy(true);
    try {
      this.expect(await this.api.send('PATCH', `/api/bookings/${card.booking.id}`, body, revision));
      card.renew();
    } catch (problem) {
      card.fail(inWords(problem));
      if ([409, 412].includes(problem.status)) this.board.want(card.booking.id);
    } finally {
      card.busy(false);
    }
  }

  /** expect makes sure that a change made here is seen: at once without realtime, and with it should its message be late. */
  expect({ id, position }) {
    const look = () => { if (!this.board.has(id, position)) this.board.want(id, position); };
    if (this.sign.state === 'live') setTimeout(look, messageMs);
    else look();
  }
}

/** byStart orders bookings by when they begin. */
export function byStart(a, b) {
  return inOrder(a.localDate, b.localDate) || inOrder(a.localStart, b.localStart) || inOrder(a.id, b.id);
}

/** lastChangedFirst orders bookings by when something happened to them. */
export function lastChangedFirst(a, b) {
  return inOrder(b.updatedAt || '9', a.updatedAt || '9') || inOrder(a.id, b.id);
}

function inOrder(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
