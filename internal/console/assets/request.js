// The form with which a customer asks for a booking.

import { choice } from './actions.js';
import { freshId, h, setText } from './dom.js';
import { addDays, instantOf, localDate, money } from './time.js';
import { inWords } from './words.js';

/**
 * requestForm asks for a service at a time in one of the branches. who.branchId is where the customer usually goes; done gets
 * the receipt.
 */
export function requestForm(api, who, done) {
  const note = h('p', { class: 'form-note', role: 'status', hidden: true });
  const fields = h('div', { class: 'fields' });
  const submit = h('button', { type: 'submit', class: 'button primary', disabled: true }, 'Request');
  const form = h('form', { class: 'request' }, fields, h('div', { class: 'ask-buttons' }, submit), note);
  const box = h('details', { class: 'request-box' }, h('summary', {}, 'Request a booking'), form);
  let branch;

  const say = (text, bad) => {
    setText(note, text);
    note.hidden = !text;
    note.classList.toggle('bad', Boolean(bad));
  };

  box.addEventListener('toggle', async () => {
    if (!box.open || branch) return;
    try {
      branch = await usualBranch(api, who);
      fields.replaceChildren(...questions(branch));
      submit.disabled = false; // only now there is something to ask for
    } catch (problem) {
      say(inWords(problem), true);
    }
  });

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const { serviceId, date, time, staffId } = Object.fromEntries(new FormData(form));
    submit.disabled = true;
    say('');
    try {
      done(await api.send('POST', '/api/bookings', {
        branchId: branch.id,
        startAt: instantOf(date, time, branch.timeZone).toISOString(),
        services: [staffId ? { serviceId, staffId } : { serviceId }],
      }));
      say('Requested. It appears below, and changes when the salon answers.');
    } catch (problem) {
      say(inWords(problem), true);
    } finally {
      submit.disabled = false;
    }
  });
  return box;
}

async function usualBranch(api, who) {
  const { branches } = await api.get('/api/branches');
  const id = who.branchId || branches[0]?.id;
  if (!id) throw new Error('No branch has opened yet');
  return api.get(`/api/branches/${id}`);
}

function questions(branch) {
  const services = Object.fromEntries(branch.services.map((s) => [
    s.serviceId, `${s.name} · ${s.durationMinutes} min · ${money(s.priceMinor, branch.currency)}`,
  ]));
  const staff = { '': 'Anyone', ...Object.fromEntries(branch.staff.map((m) => [m.staffId, m.name || m.staffId])) };
  const today = localDate(new Date(), branch.timeZone);
  return [
    choice('serviceId', 'Service', services),
    choice('staffId', 'With', staff),
    input('date', 'Day', { type: 'date', required: true, value: addDays(today, 1), min: today }),
    input('time', 'Time at the branch', { type: 'time', required: true, value: '11:00', step: 900 }),
  ];
}

function input(name, label, properties) {
  const id = freshId('field');
  return h('div', { class: 'field' }, h('label', { for: id }, label), h('input', { id, name, ...properties }));
}
