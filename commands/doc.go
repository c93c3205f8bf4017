// Package commands is the write side: it decides what callers ask for and appends the facts.
//
// Service is its table of contents and what other programs import. Every method checks who asks and what, loads the
// aggregate, decides by package domain, and appends at the exact revision that it loaded. It promises:
//
//   - Two bookings never hold one member of staff at one time, whatever runs in parallel or crashes. A booking names claims,
//     which the staff-days own; a claim's id is new for every attempt and never used by another.
//   - A receipt means that the facts are in the log. A repeat under the same idempotency key gets the first receipt.
//   - What is refused has changed nothing that a user can see. Refusals are *domain.Refusal; any other error is a fault.
//   - A command in doubt is refused with SERVICE_UNAVAILABLE, and its claims stay until the claim keeper has settled them.
//     Repeating it under the same key is safe.
//
// Read models only propose here (staff who may be free, how many bookings a customer has); streams decide. Publishing and
// projecting are others' work: they follow the log.
package commands
