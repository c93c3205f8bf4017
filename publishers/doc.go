// Package publishers turns committed events into messages on Ably channels and delivers them.
//
// [Messages] is the whole fan-out: a pure function from one event to its messages, in the order in which each channel gets
// them. A [Publisher] is a consumer of the log that plans, sends and acknowledges them. It promises:
//
//   - A message is published only for a committed event. From the first start with a key on, every event's messages are
//     published at least once and in commit order per channel.
//   - Repeats are harmless: an id names exactly one list of messages, so that the service drops a repeat within its window;
//     a later repeat carries a (version, part) that its subscribers hold already.
//   - A channel that fails does not keep others of the same plan from being sent. No booking command waits for any of this.
//
// A [TokenIssuer] gives browsers and apps the only credential that they ever hold: short-lived, subscribe-only and scoped to
// the role.
//
// The package knows neither commands nor read models. Display names come from a directory that the caller looks up, prices
// go to customer and desk channels only, and what the salon keeps to itself goes to no channel that a customer can hear.
package publishers
