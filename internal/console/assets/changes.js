// How a message changes a booking that is held. A message tells what changed and not all that follows from it, so what it
// tells is shown at once, and the booking stays incomplete until it has been read.

/** concerns reads whom a message is about: known is false for what is not of our form; id is a booking's, or '' for none. */
export function concerns({ entity, bookingId, version, part, position }) {
  // A message about a booking may belong to another entity, such as the leave that is in its way.
  const id = [bookingId, entity].find((name) => typeof name === 'string' && name.startsWith('bkg_')) ?? '';
  return { known: typeof entity === 'string' && [version, part, position].every(Number.isFinite), id };
}

/** applyMessage returns the booking after a message, or undefined when there is nothing to show yet. */
export function applyMessage(booking, name, data) {
  if (!booking && !beginnings.has(name)) return undefined;
  const told = (booking ? tellers : beginnings).get(name)?.(data, booking);
  return { ...(booking ?? unknown(data)), ...told, revision: data.version, updatedAt: data.occurredAt, incomplete: true };
}

const beginnings = new Map([
  ['booking.created', (data) => requested(data, 'pending')],
  ['booking.new', (data) => requested(data, 'pending')],
  ['booking.walkin_created', (data) => requested(data, 'confirmed')],
]);

// What a message does not tell keeps its value, but for what cannot be true any more: that is emptied.
const tellers = new Map([
  ['booking.status_changed', ({ toStatus, reason }) => (toStatus ? { status: toStatus, reason, cancelledBy: undefined } : {})],
  ['booking.cancelled', ({ cancelledBy }) => ({ status: 'cancelled', reason: undefined, cancelledBy })],
  ['booking.no_show', () => ({ status: 'no_show', reason: undefined, cancelledBy: undefined })],
  ['booking.rescheduled', (data) => (ofPart(data) ? {} : {
    localDate: data.newDate, localStart: data.newStartTime, startAt: undefined, endAt: undefined,
  })],
  ['booking.updated', (data, { totalMinor, endAt }) => (ofPart(data) ? {} : {
    totalMinor: data.totalPaise ?? totalMinor, endAt: data.endTime ?? endAt, ...named(data),
  })],
  ['booking.staff_assigned', staffed],
]);

/** ofPart reports whether a message is about the part of a booking that one member of staff has. */
function ofPart(data) {
  return Boolean(data.segmentIds);
}

/** staffed shows who does it where that is all there is to say; of one service among several the read tells. */
function staffed({ segmentId, staffName }, { segments }) {
  const only = segments.length === 1 && (!segmentId || segments[0].segmentId === segmentId);
  return only ? { staffNames: staffName ?? '' } : {};
}

function unknown({ entity, branchId }) {
  return {
    id: entity, branchId, readAt: 0, serviceNames: '', staffNames: '', customerName: '', localDate: '', localStart: '',
    segments: [],
  };
}

function named({ services }) {
  return Array.isArray(services) ? { serviceNames: services.map((service) => service.name).join(', ') } : {};
}

function requested(data, status) {
  return {
    status: data.status ?? status,
    ...named(data),
    customerName: data.customerName || '',
    localDate: data.date ?? '',
    localStart: data.startTime ?? data.time ?? '',
    totalMinor: data.totalPaise,
    currency: data.currency,
  };
}

/** fromView turns what the API shows, read at a position of the log, into what the page holds. */
export function fromView({ position: _, ...view }, position) {
  const segments = view.segments ?? [];
  return {
    ...view,
    segments,
    serviceNames: segments.map((segment) => segment.serviceName).join(', '),
    staffNames: [...new Set(segments.map((segment) => segment.staffName).filter(Boolean))].join(', '),
    readAt: position,
    incomplete: false,
  };
}

/** alike reports whether two states of a booking show the same, wherever they were read. */
export function alike(a, b) {
  return JSON.stringify({ ...a, readAt: 0 }) === JSON.stringify({ ...b, readAt: 0 });
}
