// Package projections is the read side: it folds the events of the log into tables that pages query.
//
// It promises that the rows and the checkpoint of a read model change in one transaction, so that every event takes effect
// exactly once whatever crashes; that a read tells the log position it is of; that a read with a minimum position either
// sees that position or is refused; that what a page shows of an aggregate is what the domain folds of it; and that no
// revision ever goes down.
//
// Models is the whole set over one database: bookings (cards, notes, timelines), schedule (taken and blocked time), leave
// (with the bookings in its way), branches (terms, hours, services, staff) and customers (standing). Its Handlers run under
// internal/subscription; its Queries may be called by anyone, at any time, concurrently. Queries know no roles: the caller
// passes filters that say what the reader may see, and leaves out of an answer what he may not.
//
// What people wrote is sealed here as it is in the log: whoever holds the keys opens it, and where a key is gone the text is
// gone too, without a word to the read models.
//
// A read model never decides anything: it may be behind. What it proposes (staff, numbers of bookings) is checked again
// where the facts are.
package projections
