// Starts the page: finds out who looks at it and shows the panes for him.

import { choice } from './actions.js';
import { Api } from './api.js';
import { CustomerPane } from './customer.js';
import { DeskPane } from './desk.js';
import { h } from './dom.js';
import { backoff } from './pace.js';
import { cookieSession, demoPeople } from './session.js';
import { StaffPane } from './staff.js';
import { inWords } from './words.js';

const panes = document.getElementById('panes');

function notice(words, title) {
  panes.dataset.panes = '0';
  panes.replaceChildren(h('div', { class: 'welcome' }, title ? h('h2', {}, title) : null, h('p', {}, words)));
}

function show(...shown) {
  panes.dataset.panes = String(shown.length);
  panes.replaceChildren(...shown.map((pane) => pane.element));
  shown.forEach((pane) => pane.start());
}

async function demo() {
  const { customer, receptionist } = await demoPeople((words) => notice(words));
  const desk = new Api(receptionist.token);
  const branch = await desk.get(`/api/branches/${receptionist.branchId}`);
  document.getElementById('subtitle').textContent = 'One booking, two people, no reload';
  show(new CustomerPane(new Api(customer.token), customer), new DeskPane(desk, receptionist, branch));
}

async function signedIn() {
  const { api, who } = await cookieSession();
  if (who.role === 'customer') return show(new CustomerPane(api, who));
  if (who.role === 'staff') return show(new StaffPane(api, who));
  return deskOf(api, who);
}

/** deskOf shows one of the branches that a desk runs, and a choice where there are several. */
async function deskOf(api, who) {
  const { branches } = await api.get('/api/branches');
  const all = ['owner', 'developer'].includes(who.role);
  const mine = branches.filter((b) => all || who.branchIds.includes(b.id));
  if (mine.length === 0) return notice('No branch has opened yet that you work for.');
  let pane;
  const open = async (id) => {
    pane?.stop();
    pane = new DeskPane(api, who, await api.get(`/api/branches/${id}`));
    if (mine.length > 1) pane.tools.append(picker);
    show(pane);
  };
  const picker = choice('branch', 'Branch', Object.fromEntries(mine.map((b) => [b.id, b.name])));
  picker.querySelector('select').addEventListener('change', (event) => open(event.target.value).catch(failed));
  return open(mine[0].id);
}

function failed(problem) {
  if (problem.status === 401) {
    notice('Sign in with your salon account, then load this page again.', 'You are not signed in');
    return;
  }
  notice(inWords(problem), 'The page could not start');
}

/** begin starts the page, and again for as long as what stops it may pass. */
async function begin(failures = 0) {
  try {
    await (document.body.dataset.demo === 'true' ? demo() : signedIn());
  } catch (problem) {
    failed(problem);
    if (problem.passing) setTimeout(() => begin(failures + 1), backoff(failures));
  }
}

begin();
