// What the page knows of statuses. It need not know them all: a new one is shown in its own words, as one that goes on.

const words = {
  pending: 'Pending', confirmed: 'Confirmed', checked_in: 'Checked in', in_progress: 'In progress', completed: 'Completed',
  rejected: 'Declined', cancelled: 'Cancelled', no_show: 'No-show',
};

/** statusWords is a status for people. */
export function statusWords(status) {
  if (Object.hasOwn(words, status)) return words[status];
  const text = String(status).replaceAll(/[_-]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const ends = new Set(['completed', 'rejected', 'cancelled', 'no_show']);

/** ended reports whether a booking is over. It may still be corrected. */
export function ended(booking) {
  return ends.has(booking.status);
}

/** settled reports whether a booking has been agreed to and is not over: it is to come, or going on. */
export function settled(booking) {
  return booking.status !== 'pending' && !ended(booking);
}
