// Buttons and small forms with which a card is acted on.

import { freshId, h } from './dom.js';

/** button does something at once. */
export function button(label, kind, onclick) {
  return h('button', { type: 'button', class: `button ${kind}`, onclick }, label);
}

/**
 * unfolding is a button that first asks for something: fields are shown in its place, and `done` gets their values. It also
 * gets the card's revision from when the question was put, because what is answered may have changed since; whoever confirms
 * again has seen the change.
 */
export function unfolding(card, label, kind, { fields, confirm, done }) {
  const open = button(label, kind, () => {
    const made = fields();
    let { revision } = card.booking;
    const form = h('form', { class: 'ask', onsubmit: (event) => {
      event.preventDefault();
      done(Object.fromEntries(new FormData(form)), revision ?? card.booking.revision);
      revision = undefined;
    } },
    made,
    h('div', { class: 'ask-buttons' },
      h('button', { type: 'submit', class: `button ${kind}` }, confirm),
      button('Back', 'quiet', () => { form.replaceWith(open); open.focus(); })));
    form.onkeydown = (event) => {
      if (event.key === 'Escape') { form.replaceWith(open); open.focus(); }
    };
    open.replaceWith(form);
    form.querySelector('input, select, button').focus();
  });
  return open;
}

/** textField asks for words. */
export function textField(name, label, options = {}) {
  const id = freshId('field');
  return h('div', { class: 'field' }, h('label', { for: id }, label), h('input', { id, name, maxlength: 500, ...options }));
}

/** choice asks for one of several; options maps values to labels. */
export function choice(name, label, options, selected) {
  const id = freshId('field');
  return h('div', { class: 'field' },
    h('label', { for: id }, label),
    h('select', { id, name }, Object.entries(options).map(([value, text]) => h('option', {
      value, selected: value === selected,
    }, text))));
}
