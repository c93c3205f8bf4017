// Package console serves the engine's page: a customer's bookings and the receptionist's queue, changing by themselves.
//
// The page is a few hand-written modules and a style sheet, embedded and served as they are; nothing is built. It has no
// powers of its own: it reads and commands through the HTTP API, with its user's session, and listens through Ably's
// browser client with that user's own token. Its rules for reading and listening together are those of every client:
// attach first, then read; act on a message only if it is newer than what is held; never replace newer by older.
//
// A message tells what changed and not all that follows: it is shown at once, and the booking that it names is read again,
// whatever the message's name. So new messages and statuses do no harm. Nothing waits for realtime: a pane reads when it
// opens, and while it is not live it says so and reads every few seconds, until the connection is there without a reload.
//
// Ably's client is not part of the page. It comes from what npm ci has fetched beside package.json, else from Ably's CDN,
// pinned by its hash; when neither can be had the page is one that is not live.
package console
