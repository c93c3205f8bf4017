// Package esdbnode is a single event store node that speaks EventStoreDB's gRPC
// protocol over one SQLite file, so that a machine without a database server can
// run everything that is written for EventStoreDB, through the same client.
//
// What it promises:
//
//   - An append is acknowledged only when it is on disk, and nobody is shown an
//     event before that: not a reader, not a subscriber, not a second writer.
//   - An append of several events is written whole or not at all.
//   - The order of $all is the order of commits. A position is a strictly rising
//     offset into the log; one that was shown is never given to another event.
//   - Expected revisions and the idempotency rules are those of EventStoreDB 24.10.
//   - A subscription sees every event after its starting point, once and in order,
//     however slow it is: one that falls out of memory goes on from disk.
//   - A checkpoint is the position of an event that was really looked at, never the
//     end of the log, so resuming from it cannot skip what is written there next.
//   - On a full disk appends are refused and everything else goes on.
//
// What it serves: append, reads of a stream and of $all in both directions,
// subscriptions with filters and checkpoints, stream metadata ($maxCount, $maxAge,
// $tb), soft delete, tombstone, link resolution, server features and gossip.
//
// What it will not do: replicate, scavenge (nothing is ever removed from disk),
// enforce access lists, persistent subscriptions, server-side projections and batch
// append. Those calls answer Unimplemented.
//
// Who may call: the binary that embeds or serves a node. Everybody else talks to it
// through the EventStoreDB client. It imports nothing of this project.
package esdbnode
