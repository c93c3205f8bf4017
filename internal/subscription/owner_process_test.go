package subscription_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
)

// The environment that makes the test binary an owner instead of running tests.
const (
	beOwner      = "SUBSCRIPTION_TEST_OWNER"     // its name
	ownDatabase  = "SUBSCRIPTION_TEST_DATABASE"  // what openShared takes
	ownUnchecked = "SUBSCRIPTION_TEST_UNCHECKED" // it does not check its term: the seeded fault
)

// processTTL is the lease of the processes, and think how long they take from reading their place to writing the next.
const (
	processTTL = 500 * time.Millisecond
	think      = 20 * time.Millisecond
)

// openShared opens the database that several processes use.
func openShared(ctx context.Context, where string) (*database.DB, error) {
	return database.Open(ctx, where, migrations.Engine)
}

// ownForATest competes and writes numbered rows, until its input ends. It tells what it does, a line each: "about TERM" before
// it writes, "refused TERM" when it finds that its term is over.
func ownForATest(owner string) (err error) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	db, err := openShared(ctx, os.Getenv(ownDatabase))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p := ownerProcess{db: db, owner: owner, checked: os.Getenv(ownUnchecked) == ""}
	lease := subscription.Lease{
		DB: db, StoreID: "store-a", Name: "thing", Owner: owner, TTL: processTTL, Rest: processTTL,
	}
	return lease.Run(ctx, p.own)
}

type ownerProcess struct {
	db      *database.DB
	owner   string
	checked bool
}

// own writes until it is refused or told to stop. What it is about to write it writes, whatever its context says by then.
func (p ownerProcess) own(ctx context.Context) error {
	term := subscription.Term(ctx)
	for ctx.Err() == nil {
		at, err := subscription.LoadCheckpoint(ctx, p.db.Read, "thing", "store-a")
		if err != nil {
			return err
		}
		fmt.Println("about", term)
		time.Sleep(think) // it works on the row
		err = p.write(context.WithoutCancel(ctx), written{position: int64(at) + 1, term: term, owner: p.owner})
		if errors.Is(err, subscription.ErrTermOver) {
			fmt.Println("refused", term)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p ownerProcess) write(ctx context.Context, r written) error {
	return p.db.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if !p.checked {
			_, err := tx.ExecContext(ctx, `INSERT INTO checkpoints (name, store_id, position) VALUES ('thing', 'store-a', 1)
				ON CONFLICT (name) DO UPDATE SET position = checkpoints.position + 1`)
			return errors.Join(writeRow(ctx, tx, r), err)
		}
		if err := writeRow(ctx, tx, r); err != nil {
			return err
		}
		return subscription.SaveCheckpoint(ctx, tx, "thing", "store-a", eventPosition(int(r.position)))
	})
}

// process is an owner as the test has it.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	said  chan string // closed at its end
	log   strings.Builder
}

func startOwner(t *testing.T, where, owner string, env ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], "-test.run=^$"), said: make(chan string, 1024)} //nolint:gosec // the test itself
	p.cmd.Env = append(append(os.Environ(), beOwner+"="+owner, ownDatabase+"="+where), env...)
	p.cmd.Stderr = &p.log
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil { // the test has failed half-way
			_ = p.cmd.Process.Kill()
			p.end(t)
		}
	})
	go func() {
		defer close(p.said)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.said <- lines.Text()
		}
	}()
	return p
}

// end lets the process stop in order, and waits for it.
func (p *process) end(t *testing.T) {
	t.Helper()
	_ = p.stdin.Close()
	for range p.said {
		continue // until it ends
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("owner: %v\n%s", err, p.log.String())
	}
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}
