// The receptionist's queue of one branch.

import { button, choice, textField, unfolding } from './actions.js';
import { allBookings } from './api.js';
import { h } from './dom.js';
import { byStart, lastChangedFirst, Pane } from './pane.js';
import { cancelReasons } from './words.js';

export class DeskPane extends Pane {
  constructor(api, who, branch) {
    super(api, who, { title: 'Front desk', subtitle: [branch.name, who.name].filter(Boolean).join(' · ') });
    this.branch = branch;
  }

  channels() {
    return [`admin:bookings:${this.branch.id}`];
  }

  async readAll() {
    const of = `branchId=${this.branch.id}&minPosition=published&limit=200`;
    const since = new Date(Date.now() - 86400e3).toISOString();
    const [waiting, coming, closed] = await Promise.all([
      allBookings(this.api, `${of}&status=pending`),
      allBookings(this.api, `${of}&status=confirmed&from=${since}`, 2),
      Promise.all(['rejected', 'cancelled'].map((status) => allBookings(this.api, `${of}&status=${status}&order=-start`, 1))),
    ]);
    return [...waiting, ...coming, ...closed.flat()];
  }

  groups() {
    return [
      { id: 'pending', label: 'Waiting', holds: (b) => b.status === 'pending', order: byStart, empty: 'Nobody is waiting for an answer.' },
      { id: 'confirmed', label: 'Confirmed', holds: (b) => b.status === 'confirmed', order: byStart, empty: 'No confirmed bookings.' },
      { id: 'closed', label: 'Closed', holds: (b) => b.status === 'rejected' || b.status === 'cancelled', order: lastChangedFirst, empty: 'Nothing was declined or cancelled.' },
    ];
  }

  headline(booking) {
    const line = [booking.serviceNames, booking.staffNames && `with ${booking.staffNames}`].filter(Boolean).join(' ');
    return [booking.customerName || 'A customer', line];
  }

  actions(booking, card) {
    const { revision } = booking;
    const approve = button('Approve', 'primary', () => this.act(card, { action: 'approve' }, revision));
    const reject = unfolding('Decline', 'quiet', {
      fields: () => textField('reason', 'Why? The customer reads this.', { required: true, value: 'We are fully booked at that time.' }),
      confirm: 'Decline',
      done: ({ reason }) => this.act(card, { action: 'reject', reason }, revision),
    });
    const cancel = unfolding('Cancel', 'quiet', {
      fields: () => choice('reasonCode', 'Why?', cancelReasons),
      confirm: 'Cancel the booking',
      done: ({ reasonCode }) => this.act(card, { action: 'cancel', reasonCode }, revision),
    });
    const assign = unfolding('Change staff', 'quiet', {
      fields: () => this.staffChoice(booking),
      confirm: 'Assign',
      done: ({ segmentId, staffId }) => this.act(card, { action: 'assign', segmentId: segmentId || booking.segments[0].segmentId, staffId }, revision),
    });
    if (booking.status === 'pending') return booking.incomplete ? [approve, reject] : [approve, reject, assign];
    if (booking.status === 'confirmed') return booking.incomplete ? [cancel] : [cancel, assign];
    return [];
  }

  staffChoice(booking) {
    const members = Object.fromEntries(this.branch.staff.map((m) => [m.staffId, m.name || m.staffId]));
    const segments = Object.fromEntries(booking.segments.map((s) => [s.segmentId, s.serviceName]));
    return h('div', { class: 'fields' },
      booking.segments.length > 1 ? choice('segmentId', 'Service', segments) : null,
      choice('staffId', 'Staff', members, booking.segments[0]?.staffId));
  }
}
