// Package domain holds what a salon's booking is: the facts (events), the aggregates that fold them, and the rules that
// decide which new facts may follow.
//
// It is pure. It imports the standard library only, reads no clock, does no I/O and does not log: time, identifiers,
// randomness and time zones are arguments. The zero value of every aggregate means "nothing has happened". A verb is a
// method on that value which returns facts or a *Refusal; Evolve folds one fact and never fails.
//
//	facts, err := booking.Confirm(domain.Confirm{…})
//	for _, f := range facts { booking = booking.Evolve(f) }
//
// Everything that is written to disk (event names and JSON tags) stands beside its struct and never changes; a change of
// shape is a new schema version with an upcaster in internal/eventstore.
package domain
