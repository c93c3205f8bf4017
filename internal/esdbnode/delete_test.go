package esdbnode_test

import (
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

func TestASoftDeletedStreamIsHiddenAndGoesOnWhereItEnded(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(3)...)
	res, err := n.client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(2)})
	if err != nil || res.Position.Commit == 0 {
		t.Fatalf("delete answers %+v, %v", res, err)
	}
	_, err = n.read(t, "s", esdb.ReadStreamOptions{}, 10)
	wantCode(t, err, esdb.ErrorCodeResourceNotFound)

	if next := n.append(t, "s", esdb.NoStream{}, events(2)...).NextExpectedVersion; next != 4 {
		t.Fatalf("the revision goes on at %d, want 4", next)
	}
	for _, opts := range []esdb.ReadStreamOptions{{}, {Direction: esdb.Backwards, From: esdb.End{}}} {
		evs, err := n.read(t, "s", opts, 10)
		if err != nil || len(evs) != 2 || evs[0].EventNumber+evs[1].EventNumber != 7 {
			t.Fatalf("the stream shows %v, %v", evs, err)
		}
	}
	// The log keeps what the stream hides.
	if all := n.readAll(t, esdb.ReadAllOptions{}, 100); len(all) != 3+1+1+2 {
		t.Fatalf("$all has %d events", len(all))
	}
}

func TestATombstonedStreamIsGoneForEver(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(2)...)
	res, err := n.client.TombstoneStream(t.Context(), "s", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Revision(1)})
	if err != nil || res.Position.Commit == 0 {
		t.Fatalf("tombstone answers %+v, %v", res, err)
	}
	wantCode(t, n.appendErr(t, "s", esdb.Any{}, events(1)...), esdb.ErrorCodeStreamDeleted)
	wantCode(t, n.appendErr(t, "$$s", esdb.Any{}, events(1)...), esdb.ErrorCodeStreamDeleted)
	_, err = n.read(t, "s", esdb.ReadStreamOptions{}, 10)
	wantCode(t, err, esdb.ErrorCodeStreamDeleted)
	_, err = n.read(t, "$$s", esdb.ReadStreamOptions{}, 10)
	wantCode(t, err, esdb.ErrorCodeStreamDeleted)
	_, err = n.client.SubscribeToStream(t.Context(), "s", esdb.SubscribeToStreamOptions{})
	wantCode(t, err, esdb.ErrorCodeStreamDeleted)
	_, err = n.client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
	wantCode(t, err, esdb.ErrorCodeStreamDeleted)

	all := n.readAll(t, esdb.ReadAllOptions{}, 100)
	if last := all[len(all)-1]; last.EventType != "$streamDeleted" || last.Position.Commit != res.Position.Commit {
		t.Fatalf("the log ends with %+v", last)
	}
}

func TestDeletesCheckTheRevision(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "s", esdb.NoStream{}, events(2)...)
	_, err := n.client.DeleteStream(t.Context(), "s", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Revision(0)})
	if err == nil {
		t.Fatal("a delete at a passed revision was accepted")
	}
	_, err = n.client.TombstoneStream(t.Context(), "s", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Revision(5)})
	if err == nil {
		t.Fatal("a tombstone at a revision to come was accepted")
	}
	if evs, err := n.read(t, "s", esdb.ReadStreamOptions{}, 10); err != nil || len(evs) != 2 {
		t.Fatalf("the stream shows %d events, %v", len(evs), err)
	}
}
