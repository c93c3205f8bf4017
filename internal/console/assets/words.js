// What the page calls things.

export const cancelReasons = {
  customer_request: 'The customer asked', staff_unavailable: 'Staff is not available', branch_closed: 'The branch is closed',
  equipment: 'Equipment', duplicate: 'Booked twice', customer_left: 'The customer left', other: 'Another reason',
};

const problemWords = {
  BOOKING_SLOT_UNAVAILABLE: 'Nobody is free at that time any more. Choose another time.',
  BOOKING_LEAD_TIME: 'That is too soon for this branch. Choose a later time.',
  BOOKING_BEYOND_HORIZON: 'That is too far ahead for this branch. Choose an earlier day.',
  BOOKING_ACTIVE_LIMIT: 'You have as many open bookings as this branch allows.',
  STALE_REVISION: 'It has just changed. Here is how it stands now.',
  BOOKING_INVALID_STATUS_TRANSITION: 'That is not possible any more. Here is how it stands now.',
  BOOKING_ALREADY_CANCELLED: 'It is cancelled already.',
  UNAUTHENTICATED: 'You are not signed in any more. Sign in and load the page again.',
  READ_BEHIND: 'The list is a moment behind. Trying again.',
  OFFLINE: 'The server cannot be reached. Trying again.',
};

/** inWords says what went wrong in a sentence for people. */
export function inWords(problem) {
  if (problemWords[problem.code]) return problemWords[problem.code];
  const fields = (problem.fields || []).map((f) => `${(f.pointer || f.parameter || '').replace(/^\//, '')} ${f.message}`);
  if (fields.length > 0) return `Please check: ${fields.join('; ')}.`;
  const text = problem.message || 'Something went wrong.';
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}

/** connectionWords are those of the first moments; whatever lasts longer than these is "Not live". */
export const connectionWords = { connecting: 'Connecting…', live: 'Live', waiting: 'Reconnecting…' };
