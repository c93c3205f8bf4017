// The receptionist's queue of one branch.

import { button, choice, textField, unfolding } from './actions.js';
import { allBookings } from './api.js';
import { h } from './dom.js';
import { byStart, lastChangedFirst, Pane } from './pane.js';
import { ended, settled } from './status.js';
import { cancelReasons } from './words.js';

export class DeskPane extends Pane {
  constructor(api, who, branch) {
    super(api, who, { title: 'Front desk', subtitle: [branch.name, who.name].filter(Boolean).join(' · ') });
    this.branch = branch;
  }

  channels() {
    return [`admin:bookings:${this.branch.id}`];
  }

  /** readAll goes along a booking's life, so that one that gets on meanwhile is found twice rather than not at all. */
  async* readAll(since) {
    const of = { branchId: this.branch.id, ...since };
    const now = new Date().toISOString();
    const yesterday = new Date(Date.now() - 86400e3).toISOString();
    // Statuses that this page does not know are in the lists of all.
    yield allBookings(this.api, { ...of, status: 'pending' });
    yield allBookings(this.api, { ...of, from: yesterday });
    yield allBookings(this.api, { ...of, to: now, order: '-start' }, 1);
    yield allBookings(this.api, { ...of, status: 'rejected', order: '-start' }, 1);
    yield allBookings(this.api, { ...of, status: 'cancelled', order: '-start' }, 1);
  }

  groups() {
    return [
      { id: 'pending', label: 'Waiting', holds: (b) => b.status === 'pending', order: byStart, empty: 'Nobody is waiting for an answer.' },
      { id: 'confirmed', label: 'Confirmed', holds: settled, order: byStart, empty: 'No confirmed bookings.' },
      { id: 'closed', label: 'Closed', holds: ended, order: lastChangedFirst, empty: 'Nothing is closed yet.' },
    ];
  }

  headline(booking) {
    const line = [booking.serviceNames, booking.staffNames && `with ${booking.staffNames}`].filter(Boolean).join(' ');
    return [booking.customerName || 'A customer', line];
  }

  actions(booking, card) {
    const approve = button('Approve', 'primary', () => this.act(card, { action: 'approve' }, card.booking.revision));
    const reject = unfolding(card, 'Decline', 'quiet', {
      fields: () => textField('reason', 'Why? The customer reads this.', { required: true, value: 'We are fully booked at that time.' }),
      confirm: 'Decline',
      done: ({ reason }, revision) => this.act(card, { action: 'reject', reason }, revision),
    });
    const cancel = unfolding(card, 'Cancel', 'quiet', {
      fields: () => choice('reasonCode', 'Why?', cancelReasons),
      confirm: 'Cancel the booking',
      done: ({ reasonCode }, revision) => this.act(card, { action: 'cancel', reasonCode }, revision),
    });
    const assign = unfolding(card, 'Change staff', 'quiet', {
      fields: () => this.staffChoice(card.booking),
      confirm: 'Assign',
      done: ({ segmentId, staffId }, revision) => {
        this.act(card, { action: 'assign', segmentId: segmentId || card.booking.segments[0].segmentId, staffId }, revision);
      },
    });
    const known = booking.segments.length > 0; // a booking that only a message has told of has none yet
    if (booking.status === 'pending') return known ? [approve, reject, assign] : [approve, reject];
    if (booking.status === 'confirmed') return known ? [cancel, assign] : [cancel];
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
