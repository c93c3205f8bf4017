// A customer's own bookings, and the form to ask for another.

import { unfolding } from './actions.js';
import { allBookings } from './api.js';
import { h } from './dom.js';
import { byStart, lastChangedFirst, Pane } from './pane.js';
import { requestForm } from './request.js';

const open = (booking) => booking.status === 'pending' || booking.status === 'confirmed';

export class CustomerPane extends Pane {
  constructor(api, who) {
    super(api, who, { title: 'Your bookings', subtitle: who.name || 'Signed in as a customer' });
    this.tools.append(requestForm(api, who, (receipt) => this.expect(receipt)));
  }

  channels() {
    return [`customer:${this.who.userId}:bookings`];
  }

  async readAll(since) {
    return [await allBookings(this.api, { order: '-start', ...since }, 2)];
  }

  groups() {
    return [
      { id: 'open', label: 'Upcoming', holds: open, order: byStart, empty: 'No bookings yet. Ask for one above.' },
      { id: 'closed', label: 'Past and cancelled', holds: (b) => !open(b), order: lastChangedFirst, empty: 'Nothing here.' },
    ];
  }

  headline(booking) {
    if (booking.status === 'pending') return [booking.serviceNames, 'Waiting for the salon to answer'];
    if (booking.status === 'confirmed') return [booking.serviceNames, booking.staffNames ? `with ${booking.staffNames}` : ''];
    const by = { customer: 'You cancelled it', salon: 'The salon cancelled it', system: 'It was cancelled' };
    return [booking.serviceNames, booking.status === 'cancelled' ? by[booking.cancelledBy] || '' : ''];
  }

  actions(booking, card) {
    if (!open(booking)) return [];
    return [unfolding(card, 'Cancel', 'quiet', {
      fields: () => h('p', { class: 'ask-text' }, 'Cancel this booking?'),
      confirm: 'Yes, cancel',
      done: () => this.act(card, { action: 'cancel' }),
    })];
  }
}
