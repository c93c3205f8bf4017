// The HTTP API as one person uses it.

const answerMs = 20000; // the server gives up earlier; past this the connection is taken for dead

/** Problem is an answer that was not a success. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || `The server answered ${status}.`);
    this.status = status;
    this.code = body.code || '';
    this.fields = body.fields || [];
  }

  /** passing reports whether the same request may do better later. */
  get passing() {
    return this.status === 0 || this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

/** Api makes requests with a bearer token, or with the session cookie when there is none. */
export class Api {
  constructor(token) {
    this.token = token;
  }

  get(path) {
    return this.request('GET', path);
  }

  /** send makes a change. It may be repeated safely: the key makes a repeat the same command. */
  send(method, path, body, revision) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': newKey() };
    if (revision !== undefined) headers['If-Match'] = `"${revision}"`;
    return this.request(method, path, headers, JSON.stringify(body));
  }

  async request(method, path, headers = {}, body = undefined) {
    const all = { ...headers, Accept: 'application/json' };
    if (this.token) all.Authorization = `Bearer ${this.token}`;
    let answer;
    try {
      answer = await fetch(path, {
        method, headers: all, body, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(answerMs),
      });
    } catch {
      throw new Problem(0, { code: 'OFFLINE', detail: 'The server cannot be reached.' });
    }
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Problem(answer.status, content);
    return content;
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** published asks a read to wait until it shows all that realtime may have told of. */
export const published = { minPosition: 'published' };

/** allBookings reads a list to its end, or to the given number of pages, and says at which position of the log. */
export async function allBookings(api, filter, pages = 4) {
  const all = { bookings: [], position: Infinity };
  const query = new URLSearchParams({ limit: 200, ...filter });
  for (let page = 0; page < pages; page += 1) {
    const list = await api.get(`/api/bookings?${query}`);
    all.bookings.push(...list.bookings);
    all.position = Math.min(all.position, list.position);
    if (!list.next) break;
    query.set('cursor', list.next);
  }
  return all;
}
