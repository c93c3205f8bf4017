// What all panes have in common: a head with the connection's state, a list that changes by itself, and words for trouble.

import { Board } from './board.js';
import { Card } from './card.js';
import { announce, freshId, h, setText } from './dom.js';
import { dataOf, Live } from './live.js';
import { connectionWords, inWords, statusWords } from './words.js';

const lingerMs = 6000; // how long a card stays in its group after it has changed
const readEveryMs = 10000; // without realtime
const showAtMost = 60; // cards; the counts tell how many there are

/**
 * Pane shows one person's bookings. Subclasses give: channels(), readAll() → views, headline(booking) → [title, line],
 * groups() → [{id, label, holds(booking), order(a, b), empty}], actions(booking, card) → elements.
 */
export class Pane {
  constructor(api, who, { title, subtitle }) {
    this.api = api;
    this.who = who;
    this.cards = new Map();
    this.lingering = new Map(); // id → group it is still shown in
    this.board = new Board(api, () => this.readAll(), (...change) => this.changed(...change));
    this.live = new Live(api, {
      onState: (state, words) => this.state(state, words),
      onRead: (channel) => this.read(channel),
      onMessage: (channel, message) => this.receive(channel, message),
    });
    this.build(title, subtitle);
  }

  build(title, subtitle) {
    const heading = freshId('pane');
    this.light = h('span', { class: 'light', 'data-state': 'connecting' });
    this.stateWords = h('span', {}, connectionWords.connecting);
    this.latency = h('span', { class: 'latency' });
    this.trouble = h('p', { class: 'notice', role: 'alert', hidden: true });
    this.tabs = h('div', { class: 'tabs', role: 'group', 'aria-label': 'Show' });
    this.list = h('ul', { class: 'cards' });
    this.empty = h('p', { class: 'empty' }, 'Reading…');
    this.tools = h('div', { class: 'tools' });
    this.element = h(
      'section', { class: 'pane', 'aria-labelledby': heading },
      h('header', { class: 'pane-head' },
        h('div', {}, h('h2', { id: heading }, title), h('p', { class: 'who' }, subtitle)),
        h('p', { class: 'state' }, this.light, this.stateWords, this.latency)),
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

  /** start listens; where that cannot be, the page is still right, only later. */
  async start() {
    if (!(await this.live.listen(this.channels()))) await this.read();
  }

  stop() {
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.live.close();
  }

  async read(channel) {
    clearTimeout(this.retry);
    try {
      await this.board.readAgain(channel);
      this.problem('');
    } catch (problem) {
      this.problem(inWords(problem));
      if (problem.status !== 401) this.retry = setTimeout(() => this.read(channel), 2000);
    }
    this.arrange();
  }

  receive(channel, message) {
    const applied = this.board.receive(channel, message);
    if (applied) this.measured(Date.now() - Date.parse(dataOf(message).occurredAt));
  }

  measured(ms) {
    setText(this.latency, `${Math.max(0, Math.round(ms))} ms`);
    this.latency.title = 'From the change to this page, for the last change';
  }

  state(state, words) {
    this.light.dataset.state = state;
    setText(this.stateWords, connectionWords[state]);
    this.standing = words ? `${words} The list is read again every ${readEveryMs / 1000} seconds.` : '';
    this.problem('');
    clearInterval(this.timer);
    if (state === 'off' || state === 'failed') this.timer = setInterval(() => this.read(), readEveryMs);
  }

  /** problem shows what is wrong now, or, when nothing is, why the page is not live. */
  problem(words) {
    const shown = words || this.standing || '';
    setText(this.trouble, shown);
    this.trouble.hidden = !shown;
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
    const moved = before?.status !== after.status;
    if (cause === 'message' && moved) {
      if (before) this.linger(id);
      card.flash();
      announce(`${this.headline(after)[0]}: ${statusWords[after.status]}`);
    }
    this.arrangeSoon();
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
      const receipt = await this.api.send('PATCH', `/api/bookings/${card.booking.id}`, body, revision);
      if (this.light.dataset.state !== 'live') this.board.want(receipt.id, receipt.position);
    } catch (problem) {
      card.fail(inWords(problem));
      if ([409, 412].includes(problem.status)) this.board.want(card.booking.id);
    } finally {
      card.busy(false);
    }
  }
}

/** byStart orders bookings by when they begin. */
export function byStart(a, b) {
  return `${a.localDate}T${a.localStart}`.localeCompare(`${b.localDate}T${b.localStart}`) || a.id.localeCompare(b.id);
}

/** lastChangedFirst orders bookings by when something happened to them. */
export function lastChangedFirst(a, b) {
  return (b.updatedAt || '9').localeCompare(a.updatedAt || '9') || a.id.localeCompare(b.id);
}
