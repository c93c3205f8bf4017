// A customer's own bookings, and the form to ask for another.

import { unfolding } from './actions.js';
import { allBookings } from './api.js';
import { h } from './dom.js';
import { byStart, lastChangedFirst, Pane } from './pane.js';
import { requestForm } from './request.js';
import { ended } from './status.js';

export class CustomerPane extends Pane {
  constructor(api, who) {
    super(api, who, { title: 'Your bookings', subtitle: who.name || 'Signed in as a customer' });
    this.tools.append(requestForm(api, who, (receipt) => this.expect(receipt)));
  }

  channels() {
    return [`customer:${this.who.userId}:bookings`];
  }

  async* readAll(since) {
    yield allBookings(this.api, { order: '-start', ...since }, 2);
  }

  groups() {
    return [
      { id: 'open', label: 'Upcoming', holds: (b) => !ended(b), order: byStart, empty: 'No bookings yet. Ask for one above.' },
      { id: 'closed', label: 'Past and cancelled', holds: ended, order: lastChangedFirst, empty: 'Nothing here.' },
    ];
  }

  headline(booking) {
    const { serviceNames, staffNames, status, cancelledBy } = booking;
    if (status === 'pending') return [serviceNames, 'Waiting for the salon to answer'];
    if (status === 'rejected') return [serviceNames, ''];
    const by = { customer: 'You cancelled it', salon: 'The salon cancelled it', system: 'It was cancelled' };
    if (status === 'cancelled') return [serviceNames, by[cancelledBy] || ''];
    return [serviceNames, staffNames ? `with ${staffNames}` : ''];
  }

  actions(booking, card) {
    if (booking.status !== 'pending' && booking.status !== 'confirmed') return [];
    return [unfolding(card, 'Cancel', 'quiet', {
      fields: () => h('p', { class: 'ask-text' }, 'Cancel this booking?'),
      confirm: 'Yes, cancel',
      done: () => this.act(card, { action: 'cancel' }),
    })];
  }
}
