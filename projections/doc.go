// Package projections is the read side: it folds the events of the log into tables that pages query.
//
// It promises that the rows and the checkpoint of a read model change in one transaction, so that every event takes effect
// exactly once whatever crashes; that a read tells the log position it is of; that a read with a minimum position either
// sees that position or is refused; and that a booking's revision never goes down.
//
// Models is the whole set over one database. Its Handlers run under internal/subscription; its Queries may be called by
// anyone, at any time, concurrently. Queries know no roles: the caller passes filters that say what the reader may see.
//
// A read model never decides anything: it may be behind. What it proposes (staff, numbers of bookings) is checked again
// where the facts are.
package projections
