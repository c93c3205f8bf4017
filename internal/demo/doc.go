// Package demo fills a running engine with simulated people and says whether they were served well.
//
// Run opens branches, gives each a receptionist, staff and customers, and lets them book, approve, reassign, reject and
// cancel at an even pace. They are outsiders: they know the HTTP API and hold realtime tokens that it gave them, and
// nothing else of the engine is within their reach. What they decide rests on what their own pages show.
//
// Beside them stands the checker of package check. It alone reads the event log, through Config.Log, and compares what the
// log calls for with what the people's pages got.
//
// The package starts no part of the engine; whoever calls Run keeps the engine up until Run has returned.
package demo
