// The HTTP API as one person uses it.

/** Problem is an answer that was not a success. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || `The server answered ${status}.`);
    this.status = status;
    this.code = body.code || '';
    this.fields = body.fields || [];
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
      answer = await fetch(path, { method, headers: all, body, credentials: 'same-origin', cache: 'no-store' });
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

/** allBookings reads a list to its end, or to the given number of pages. */
export async function allBookings(api, query, pages = 4) {
  const found = [];
  let cursor = '';
  for (let page = 0; page < pages; page += 1) {
    const list = await api.get(`/api/bookings?${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...list.bookings);
    if (!list.next) break;
    cursor = list.next;
  }
  return found;
}
