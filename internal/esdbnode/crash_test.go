package esdbnode_test

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/esdbnode"
)

// crashDirEnv makes the test binary a node that serves until it is killed.
const crashDirEnv = "ESDBNODE_TEST_CRASH_DIR"

// crashingNode serves dir/data on dir/s. It prints a line when it is ready.
func crashingNode(dir string) int {
	node, err := esdbnode.Open(context.Background(), esdbnode.Config{Dir: filepath.Join(dir, "data")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	lis, err := unixListener(context.Background(), filepath.Join(dir, "s"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("ready")
	if err := node.Serve(context.Background(), lis, esdbnode.Access{}); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

// told is what the world knew of a store when its process was killed.
type told struct {
	acknowledged map[uuid.UUID]*streams.AppendResp_Success
	shown        []*esdb.RecordedEvent // to a subscriber
}

type ack struct {
	id      uuid.UUID
	success *streams.AppendResp_Success
}

// appendNew appends one event of a new id, whatever the stream's revision.
func (w wire) appendNew(ctx context.Context, name string) (uuid.UUID, *streams.AppendResp, error) {
	id := uuid.New()
	call, err := w.streams.Append(ctx)
	if err != nil {
		return id, nil, err
	}
	// What goes wrong in sending, receiving tells.
	_ = call.Send(options(name))
	_ = call.Send(message(func(m *streams.AppendReq_ProposedMessage) {
		m.Id = &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}}
	}))
	resp, err := call.CloseAndRecv()
	return id, resp, err
}

// Killed in the middle of concurrent appends, a node has everything that it
// acknowledged and everything that it showed, at the same positions; and what comes
// next stands behind all of that.
func TestAKilledNodeKeepsWhatItAcknowledgedAndShowed(t *testing.T) {
	dir := filepath.Dir(socketPath(t))
	var known []told
	for range 3 {
		known = append(known, runAndKill(t, dir))
	}
	n := startNode(t, esdbnode.Config{Dir: filepath.Join(dir, "data")})
	log := n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	stored := map[uuid.UUID]*esdb.RecordedEvent{}
	next := map[string]uint64{}
	for i, e := range log {
		stored[e.EventID] = e
		if e.EventNumber != next[e.StreamID] {
			t.Fatalf("%s has revision %d where %d belongs", e.StreamID, e.EventNumber, next[e.StreamID])
		}
		next[e.StreamID]++
		if i > 0 && e.Position.Commit <= log[i-1].Position.Commit {
			t.Fatalf("position %d follows %d", e.Position.Commit, log[i-1].Position.Commit)
		}
	}
	for life, k := range known {
		if len(k.acknowledged) == 0 || len(k.shown) == 0 {
			t.Fatalf("life %d acknowledged %d and showed %d events: the kill came too early", life, len(k.acknowledged), len(k.shown))
		}
		for id, res := range k.acknowledged {
			if e := stored[id]; e == nil || e.Position.Commit != res.GetPosition().GetCommitPosition() || e.EventNumber != res.GetCurrentRevision() {
				t.Fatalf("life %d: acknowledged %v, stored %+v", life, res, e)
			}
		}
		for _, e := range k.shown {
			if s := stored[e.EventID]; s == nil || s.Position != e.Position {
				t.Fatalf("life %d: showed %v, stored %+v", life, e.Position, s)
			}
		}
	}
}

// runAndKill starts a node in its own process, appends from several writers while a
// subscriber watches, and kills it after a number of acknowledged appends.
func runAndKill(t *testing.T, dir string) told {
	t.Helper()
	const writers, enough = 8, 200
	cmd := startCrashing(t, dir)
	n := &testNode{client: dialSocket(t, filepath.Join(dir, "s"))}
	sub := n.subscribeAll(t, esdb.SubscribeToAllOptions{From: esdb.Start{}})

	acks, stopped := make(chan ack, 1<<16), make(chan struct{}, writers)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	// Writers speak the protocol themselves: the client panics when it is closed while
	// its calls fail.
	w := dialWire(t, filepath.Join(dir, "s"))
	for i := range writers {
		go func() {
			defer func() { stopped <- struct{}{} }()
			for {
				id, resp, err := w.appendNew(ctx, fmt.Sprintf("w-%d", i))
				if err != nil {
					return // killed, or the test gave up
				}
				acks <- ack{id, resp.GetSuccess()}
			}
		}()
	}
	known := told{acknowledged: map[uuid.UUID]*streams.AppendResp_Success{}}
	for len(known.acknowledged) < enough {
		select {
		case a := <-acks:
			known.acknowledged[a.id] = a.success
		case <-ctx.Done():
			t.Fatalf("only %d appends were acknowledged", len(known.acknowledged))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for range writers {
		<-stopped
	}
	close(acks)
	for a := range acks {
		known.acknowledged[a.id] = a.success
	}
	for m := sub.Recv(); m.SubscriptionDropped == nil; m = sub.Recv() {
		if m.EventAppeared != nil {
			known.shown = append(known.shown, m.EventAppeared.OriginalEvent())
		}
	}
	return known
}

func startCrashing(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	_ = os.Remove(filepath.Join(dir, "s")) // left by the process that was killed before
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashDirEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "ready" {
		t.Fatalf("the node printed %q, %v", line, err)
	}
	return cmd
}
