package subscription_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/esdbnode"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

// counting is a projection in miniature: how many events each stream has, in one transaction with the checkpoint.
type counting struct {
	db    *database.DB
	store string
}

func (counting) Name() string { return "counting" }

func (c counting) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	return subscription.LoadCheckpoint(ctx, c.db.Read, c.Name(), c.store)
}

func (c counting) Handle(ctx context.Context, b subscription.Batch) error {
	return c.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, e := range b.Events {
			if _, err := tx.ExecContext(ctx, `INSERT INTO counts (stream, n) VALUES (?, 1)
				ON CONFLICT (stream) DO UPDATE SET n = counts.n + 1`, e.Stream); err != nil {
				return err
			}
		}
		return subscription.SaveCheckpoint(ctx, tx, c.Name(), c.store, b.Position)
	})
}

// openNode opens a node for a test, and returns where it can be served.
func openNode(t *testing.T) (node *esdbnode.Node, socket string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sub") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if node, err = esdbnode.Open(t.Context(), esdbnode.Config{Dir: filepath.Join(dir, "data"), DrainTimeout: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	return node, filepath.Join(dir, "s")
}

// Over a real node whose server is restarted, and over restarts of the consumer, every event counts once.
func TestAProjectionOverTheEmbeddedNode(t *testing.T) {
	databasetest.Each(t, migrations.Engine, func(t *testing.T, db *database.DB) {
		node, socket := openNode(t)
		stop := serve(t, node, socket)
		store, err := eventstore.Open(eventstore.Config{Socket: socket})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.Close() }()
		id, err := store.Identity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write.ExecContext(t.Context(), `CREATE TABLE counts (stream TEXT PRIMARY KEY, n INTEGER NOT NULL)`); err != nil {
			t.Fatal(err)
		}

		const rounds, each = 4, 25
		for round := range rounds {
			r := &subscription.Runner{Source: subscription.FromStore(store), Handler: counting{db, id}, MaxBatch: 7}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- r.Run(ctx) }()
			var last eventstore.Position
			for i := range each {
				last = storetest.MustAppend(t, store, storetest.Sample("br_integr", eventstore.Revision(round*each+i)-1, 1)).Position
				if i == each/2 {
					stop()
					stop = serve(t, node, socket)
				}
			}
			within, done := context.WithTimeout(t.Context(), 20*time.Second)
			if err := r.WaitFor(within, last); err != nil {
				t.Fatalf("round %d: %v (status %+v)", round, err, r.Status())
			}
			done()
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("run: %v", err)
			}
			var n int
			if err := db.Read.QueryRowContext(t.Context(), `SELECT n FROM counts`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n != (round+1)*each {
				t.Fatalf("round %d: %d events counted, want %d", round, n, (round+1)*each)
			}
		}
		stop()
	})
}

// serve serves the node on the socket; the function that it returns ends that.
func serve(t *testing.T, node *esdbnode.Node, socket string) (stop func()) {
	t.Helper()
	lis, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- node.Serve(ctx, lis, esdbnode.Access{}) }()
	return func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
}
