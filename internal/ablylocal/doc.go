// Package ablylocal is a local endpoint that speaks enough of Ably's protocol
// for the official clients to work against it unchanged: REST publish and batch
// publish, history, time and token requests, and Realtime over WebSocket, each
// in JSON and MessagePack.
//
// It promises that
//   - every accepted message of a channel has one place in that channel's order,
//     which is the order in which Config.OnMessage and every subscriber see it;
//   - a publish that repeats an id base within two minutes succeeds again and is
//     delivered once;
//   - a client that resumes within two minutes gets each message of the gap, or
//     is told that continuity is lost, never neither;
//   - a subscriber that does not read never delays another one;
//   - a fault happens when Switches chose it, is counted, and at no other time;
//   - capabilities, token expiry and revocation, limits and error codes follow the service, so a
//     program that goes wrong there goes wrong here.
//
// The demo, the command line and tests call it. It keeps everything in memory,
// listens on loopback unless told otherwise, and is never a production default.
// It has no presence, push, message updates, deltas, objects or statistics, and
// it enforces the per-second and concurrent limits of a package, not the hourly
// and monthly quotas.
//
// Of the 62 integration tests of ably-go (at 26cb171) that are about what it has,
// 61 pass over MessagePack and 60 over JSON. TestRealtime_multiple needs presence;
// TestRealtimeChannel_RTL6c2_PublishEnqueue waits over JSON for a state that its
// own interceptor misses when the endpoint answers at once.
package ablylocal
