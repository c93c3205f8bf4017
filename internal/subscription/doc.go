// Package subscription runs the consumers of the log: projections, the publisher and the process managers.
//
// A Runner takes the log to one Handler: in order, every event, none skipped, and each again until the handler has committed
// it. With a handler that commits its effects and its checkpoint together (see SaveCheckpoint), every effect comes about
// exactly once. Trouble of the store or of the handler is waited out; an event that cannot be decoded or applied, and a log
// that was put back to an older state, halt the consumer, visibly.
//
// The package knows no read model and no message. It touches no network itself, so that its waits run in virtual time in
// tests.
package subscription
