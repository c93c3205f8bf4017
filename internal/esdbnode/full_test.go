package esdbnode_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/royalglow/booking/internal/esdbnode"
)

// With no room left appends are refused, reads and subscriptions go on, and what was
// acknowledged before is all there; with room again appends go on too.
func TestAFullDiskRefusesAppendsAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	n := startNode(t, esdbnode.Config{Dir: dir, MaxStoreBytes: 512 << 10})
	sub := n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}})
	body := `"` + strings.Repeat("x", 20<<10) + `"`

	var acknowledged int
	var refusal error
	for refusal == nil && acknowledged < 100 {
		if refusal = n.appendErr(t, "s", esdb.Any{}, event("big", body)); refusal == nil {
			acknowledged++
		}
	}
	if s, _ := status.FromError(refusal); s.Code() != codes.ResourceExhausted {
		t.Fatalf("after %d appends the refusal is %v", acknowledged, refusal)
	}
	// Many at once share transactions. The large ones, which do not fit, must not take
	// the small ones with them, for which there is room; and none gets Unavailable, on
	// which the client would look for another node.
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if s, _ := status.FromError(n.appendErr(t, "s", esdb.Any{}, event("big", body))); s.Code() != codes.ResourceExhausted {
				t.Errorf("a concurrent append got %v", s)
			}
		})
		wg.Go(func() {
			if err := n.appendErr(t, "s", esdb.Any{}, event("small", "{}")); err != nil {
				t.Errorf("a small append got %v", err)
			}
		})
	}
	wg.Wait()
	acknowledged += 8

	var got seen
	got.until(t, sub, hasEvents(acknowledged))
	if all := n.readAll(t, esdb.ReadAllOptions{}, 1000); len(all) != acknowledged {
		t.Fatalf("%d events can be read, %d were acknowledged", len(all), acknowledged)
	}
	n.stop()

	n = startNode(t, esdbnode.Config{Dir: dir})
	if all := n.readAll(t, esdb.ReadAllOptions{}, 1000); len(all) != acknowledged {
		t.Fatalf("%d events are left, %d were acknowledged", len(all), acknowledged)
	}
	if res := n.append(t, "s", esdb.Any{}, event("big", body)); res.NextExpectedVersion != uint64(acknowledged) {
		t.Fatalf("the stream goes on at %d, want %d", res.NextExpectedVersion, acknowledged)
	}
}
