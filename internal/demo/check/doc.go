// Package check keeps the books of a run and says whether the engine kept its promises in it.
//
// It is told what people commanded, what the log holds, who listened to which channel and since when, and what reached
// them in which order. From that alone it computes which (message, subscriber) pairs had to arrive and compares. It does
// no I/O, reads no clock and starts nothing, so that a test can feed it any history, broken ones above all.
//
// It does not ask the engine what it believes to have done: receipts, read models and the publisher's own counters decide
// nothing here, apart from the number of acknowledged messages, which is only shown.
package check
