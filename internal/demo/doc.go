// Package demo fills a running engine with simulated people and says whether they were served well.
//
// Run opens branches, gives each a receptionist, a manager, staff and customers, and lets them live through everything that a
// salon does, at an even pace: bookings and walk-ins from the request to the bill, changes of all kinds, notes, leave, closures
// and what has to be moved for them, and the branches' own terms. Every verb of check.Actions comes within a branch's first hundred
// commands. They are outsiders: they know the HTTP API and hold realtime tokens that it gave them, and nothing else of the engine
// is within their reach. What they decide rests on what their own pages show.
//
// Beside them stands the checker of package check. It alone reads the event log, through Config.Log, and compares what the
// log calls for with what the people's pages got.
//
// The package starts no part of the engine; whoever calls Run keeps the engine up until Run has returned.
package demo
