// How long the page waits before it reads or tries again.

export const pollMs = 10000; // between two reads while realtime tells nothing
export const rarelyMs = 120000; // before asking again for something that is not there at all

const firstMs = 500;
const mostMs = 30000;

/** backoff returns how long to wait after so many failures in a row: twice as long each time, to 30 s, at least half of it. */
export function backoff(failures) {
  const whole = Math.min(mostMs, firstMs * 2 ** Math.min(failures, 10));
  return whole / 2 + (Math.random() * whole) / 2;
}

/** around returns a time near ms, so that pages that lost the server together do not come back together. */
export function around(ms) {
  return ms * (0.8 + Math.random() * 0.4);
}
