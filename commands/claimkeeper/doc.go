// Package claimkeeper releases claims that no booking names: what commands leave behind when they crash, are in doubt, or
// cannot finish their clean-up.
//
// It promises that no slot stays blocked for ever, and that it never takes a claim from a command that could still come to
// name it: a claim which its booking has never named is fenced first, by an event on the booking's stream at the revision
// that was read, so that such a command fails its append. No safety rests on time. The grace only decides how soon a
// leftover goes.
//
// A Keeper follows the log through internal/subscription, keeps its rows and its checkpoint in one transaction, and settles
// what is due in Run. Crashing at any moment is harmless: the rows tell what to look at, the streams decide. It publishes
// nothing and refuses nobody.
package claimkeeper
