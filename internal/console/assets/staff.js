// What a member of staff is to do.

import { allBookings } from './api.js';
import { byStart, Pane } from './pane.js';
import { settled } from './status.js';

export class StaffPane extends Pane {
  constructor(api, who) {
    super(api, who, { title: 'Your day', subtitle: who.name || 'Signed in as staff' });
  }

  channels() {
    return [`staff:${this.who.staffId}:schedule`];
  }

  async* readAll(since) {
    yield allBookings(this.api, { from: new Date(Date.now() - 86400e3).toISOString(), ...since }, 2);
  }

  groups() {
    return [{
      id: 'assigned', label: 'Assigned', holds: settled, order: byStart,
      empty: 'Nothing is assigned to you.',
    }];
  }

  headline(booking) {
    return [booking.customerName || 'A customer', booking.serviceNames];
  }

  actions() {
    return [];
  }
}
