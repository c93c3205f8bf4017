// How a message changes a booking that is held. A message says what changed, not everything: `incomplete` asks for a
// read of the rest.

/** applyMessage returns the booking after the message; booking is undefined when it was not known. */
export function applyMessage(booking, name, data) {
  const next = { ...(booking || unknown(data)), revision: data.version, updatedAt: data.occurredAt };
  next.incomplete = !booking || Boolean(booking.incomplete);
  switch (name) {
    case 'booking.created':
    case 'booking.new':
      return booking ? next : { ...next, ...fromRequest(data) };
    case 'booking.status_changed':
      next.status = data.toStatus;
      if (data.reason) next.reason = data.reason;
      if (data.customerName) next.customerName = data.customerName;
      return next;
    case 'booking.cancelled':
      next.status = 'cancelled';
      next.cancelledBy = data.cancelledBy;
      return next;
    case 'booking.staff_assigned':
      next.staffNames = data.staffName || '';
      return next;
    default:
      next.incomplete = true; // something else about it: read it again
      return next;
  }
}

function unknown(data) {
  return {
    id: data.bookingId || data.entity, branchId: data.branchId, status: 'pending', serviceNames: '', staffNames: '',
    customerName: '', localDate: '', localStart: '', startAt: '', segments: [],
  };
}

function fromRequest(data) {
  return {
    status: 'pending',
    serviceNames: data.services.map((service) => service.name).join(', '),
    customerName: data.customerName || '',
    localDate: data.date,
    localStart: data.startTime || data.time,
    totalMinor: data.totalPaise,
    currency: data.currency,
  };
}

/** fromView turns what the API shows into what the page holds. */
export function fromView(view) {
  const names = view.segments.map((segment) => segment.staffName).filter(Boolean);
  return {
    ...view,
    serviceNames: view.segments.map((segment) => segment.serviceName).join(', '),
    staffNames: [...new Set(names)].join(', '),
    incomplete: false,
  };
}
