package deliverytest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/publishers"
)

// The environment that makes the test binary a publisher instead of running tests.
const (
	beOwner     = "DELIVERYTEST_OWNER"    // its name
	ownDatabase = "DELIVERYTEST_DATABASE" // what database.Open takes
	ownStore    = "DELIVERYTEST_STORE"    // what the event store's client takes
	ownEndpoint = "DELIVERYTEST_ENDPOINT" // host:port
	ownKey      = "DELIVERYTEST_KEY"
)

// processTTL is the lease of the processes, attemptTimeout how long one of their requests may take.
const (
	processTTL     = 500 * time.Millisecond
	attemptTimeout = 150 * time.Millisecond
)

// termPath is where a publisher says that a term of its begins, at the door through which it publishes.
const termPath = "/term/"

// ownForATest competes for the publisher's lease and publishes while it has it, until its input ends.
func ownForATest(owner string) (err error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	db, err := database.Open(ctx, os.Getenv(ownDatabase), migrations.Publisher)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := eventstore.Open(eventstore.Config{ConnectionString: os.Getenv(ownStore)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	storeID, err := store.Identity(ctx)
	if err != nil {
		return err
	}
	p, err := publishers.Open(ctx, publishers.Config{
		Key: os.Getenv(ownKey), Endpoint: os.Getenv(ownEndpoint), DB: db, StoreID: storeID, Head: store.Head,
		AttemptTimeout: attemptTimeout,
	})
	if err != nil {
		return err
	}
	defer p.Close()
	owned := subscription.Owned{
		Lease: subscription.Lease{DB: db, StoreID: storeID, Name: p.Name(), Owner: owner, TTL: processTTL, Rest: processTTL},
		NewRunner: func() *subscription.Runner {
			return &subscription.Runner{Source: subscription.FromStore(store), Handler: announcing{p}}
		},
		Beside: p.Run,
	}
	return owned.Run(ctx)
}

// announcing is a publisher that says, before it does anything, in which term it is.
type announcing struct{ *publishers.Publisher }

// Checkpoint is what every term begins with.
func (a announcing) Checkpoint(ctx context.Context) (eventstore.Position, error) {
	url := fmt.Sprintf("http://%s%s%d", os.Getenv(ownEndpoint), termPath, subscription.Term(ctx))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	if err := resp.Body.Close(); err != nil {
		return 0, err
	}
	return a.Publisher.Checkpoint(ctx)
}

// process is a publisher as the test has it.
type process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.Closer
	log   strings.Builder
}

func startOwner(t *testing.T, name string, env ...string) *process {
	t.Helper()
	p := &process{name: name, cmd: exec.Command(os.Args[0], "-test.run=^$")} //nolint:gosec // the test itself
	p.cmd.Env = append(append(os.Environ(), beOwner+"="+name), env...)
	p.cmd.Stderr = &p.log
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil { // the test has failed half-way
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	return p
}

// end lets the process stop in order, and waits for it.
func (p *process) end(t *testing.T) {
	t.Helper()
	_ = p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("%s: %v\n%s", p.name, err, p.log.String())
	}
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
