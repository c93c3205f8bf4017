// Package publishers turns committed events into messages on Ably channels and delivers them.
//
// [Messages] is the whole fan-out: a pure function from one event to its messages, in the order in which each channel gets
// them. A [Publisher] is a consumer of the log that plans, sends and acknowledges them. It promises:
//
//   - A message is published only for a committed event. From the first start with a key on, every event's messages are
//     published at least once and in commit order per channel.
//   - Repeats are harmless: an id names exactly one list of messages, so that the service drops a repeat within its window;
//     a later repeat carries a (version, part) that its subscribers hold already.
//   - A channel that fails does not keep others from being sent, of its plan or of later ones. No booking command waits for any of
//     this.
//
// # How it is sent
//
// [Publisher.Handle] makes a plan of the events that have arrived, writes down where it ends, and so composes the same messages under the
// same ids after a crash. [Publisher.Run] beside it is the dispatcher: one goroutine that decides what is sent when, with one array per
// channel on its way (dispatcher.go, dispatch.go, settle.go).
//
// A channel that has not acknowledged its messages within 250 ms is put off (deferral.go): the transaction that moves the checkpoint stores
// them in the durable queue of the channel (queue.go), later messages queue up behind them, and the plan is done. What may have arrived, and
// is too old for the service to drop a repeat, is looked up in the history of the channel first (reconcile.go).
//
// A single message that is refused for good is kept for inspection, and a resync takes its place. A channel on which even that is refused,
// or which fails ten times in a row by itself, is parked (parking.go): its queue waits until an operator redrives it (redrive.go). While the
// service answers nobody, the circuit is open and only single requests look whether it is back (circuit.go). An operator may also have a
// range of the log sent again, marked as a redelivery, when nothing else is to be sent (replay.go, replay_run.go).
//
// # Who hears what
//
// There are seven audiences. What each may learn is written down in the payloads of its audience file, and a test fills every
// field of every event and looks for what got through to the wrong one.
//
//	C   customer:{userId}:bookings          one customer: his bookings, with prices
//	B   booking:{bookingId}                 customer and staff of one booking: no price, nothing internal
//	Bi  booking:{bookingId}:internal        desk and staff of one booking: internal notes, who did what and why; no price
//	A   admin:bookings:{branchId}           the desk's queue, with names and prices
//	D   admin:schedule:[{branchId}:]{date}  the schedule of a branch-local date: who is taken or off; no customer, no reason
//	S   staff:{staffId}:schedule            one member: his services once they are settled, his own leave; no price
//	L   admin:leave:{branchId}              leave that waits for the managers of a branch
//
// Two of them can be folded: from an empty page the messages of D give the schedule (see audience_schedule.go), those of S what
// a member has to do (see audience_staff.go). Where one event changes a status and more, the messages of each are sent.
//
// Some events are told less than others. The second and later services of a visit change no status when they begin, so only
// those who look at the booking hear (Bi segment.started) and the schedule (D slot.status). The end of a service is internal
// (Bi segment.finished), and what it frees shows on D. Who is held for a pending booking is no news for the customer. Staff,
// staff-days, the catalogue and customers' standing publish nothing.
//
// # Words
//
// The package knows neither commands nor read models. Events hold ids and sealed texts; names and texts come from a directory
// and a text source that are asked when a plan is composed, and that never hold it up. No message shows a phone.
//
// A [TokenIssuer] gives browsers and apps the only credential that they ever hold: short-lived, subscribe-only and scoped to
// the role.
package publishers
