// Package eventstore appends domain events to EventStoreDB and reads them back.
//
// It is the only importer of the store's client, and it supervises that client: the client dies for good after a short
// outage, may block without regard to the context, and reports errors in several shapes. Here a call ends when its context
// does, the client is rebuilt when it has died, and every failed append is one of
//
//   - *ConflictError: the stream was not where it was expected; nothing was written,
//   - ErrUnavailable: certainly nothing was written,
//   - ErrInDoubt: it may have been written; only the identical request may be repeated,
//   - ErrTooLarge, ErrDeleted or another error that repeating does not cure.
//
// Event ids are derived from what is written (see EventID), so that a repeated request is recognised by the store and
// answered as the first one was.
//
// Anyone may read and subscribe; only commands and process managers append. The package decides nothing about bookings: it
// knows the events by their names and shapes alone. It never skips an event that it cannot decode.
package eventstore
