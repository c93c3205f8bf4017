// Who looks at the page: the demo's people, or whoever the session cookie says.

import { Api } from './api.js';

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** demoPeople signs the visitor in twice. Nobody is there before the salon has opened: waiting(words) is told meanwhile. */
export async function demoPeople(waiting) {
  const door = new Api('');
  for (;;) {
    try {
      const [customer, receptionist] = await Promise.all(
        ['customer', 'receptionist'].map((as) => door.get(`/demo/sign-in?as=${as}`)));
      return { customer, receptionist };
    } catch (problem) {
      if (problem.status !== 503 && problem.status !== 0) throw problem;
      waiting('The salon is opening. One moment.');
      await pause(700);
    }
  }
}

/** cookieSession returns who the session cookie is for. */
export async function cookieSession() {
  const api = new Api('');
  return { api, who: await api.get('/api/session') };
}
