package subscription

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Owned runs a consumer in one of several instances: where its lease is held. Each term has a runner of its own, which begins at
// the checkpoint that the term before has left. When the consumer halts, the lease is left to another instance for a while: it
// may be a program that understands the event.
//
// The fields are set before Run and not changed afterwards. The other methods may be called at any time and concurrently.
type Owned struct {
	// Lease is what the instances compete for. Its Name is the consumer's in checkpoints. Standby is told as well.
	Lease Lease
	// NewRunner makes the runner of a term. The handler may be the same each time: if it remembers anything of the log, it must
	// forget that when Checkpoint is called in another term (see Term).
	NewRunner func() *Runner
	// Beside runs beside the runner, in the owner only, until its context ends: when the runner has ended, or the lease may be lost.
	// Its error ends the term. Nil: nothing does.
	Beside func(ctx context.Context) error

	once     sync.Once
	caughtUp chan struct{}
	caught   sync.Once
	halted   chan struct{}
	halt     sync.Once

	mu      sync.Mutex
	runner  *Runner // of the term, or of the last one; nil before the first
	running bool
	owning  bool
	standby bool // another was seen to own it since
}

// Run competes for the lease and consumes whenever it is held, until ctx ends; it then returns nil. The only error is a
// *ForeignStoreError. Run is called once.
func (o *Owned) Run(ctx context.Context) error {
	o.prepare()
	o.set(&o.running, true)
	defer o.set(&o.running, false)
	lease, tell := o.Lease, o.Lease.Standby
	lease.Standby = func(held LeaseStatus) {
		o.set(&o.standby, true)
		// There is nothing to catch up with here. When the owner fails there will be, and that is shown by Status.
		o.caught.Do(func() { close(o.caughtUp) })
		if tell != nil {
			tell(held)
		}
	}
	return lease.Run(ctx, o.term)
}

func (o *Owned) prepare() {
	o.once.Do(func() { o.caughtUp, o.halted = make(chan struct{}), make(chan struct{}) })
}

// term runs the consumer for as long as the lease is held.
func (o *Owned) term(ctx context.Context) error {
	r := o.NewRunner()
	r.ReturnOnHalt = true
	o.mu.Lock()
	o.runner, o.owning, o.standby = r, true, false
	o.mu.Unlock()
	defer o.set(&o.owning, false)
	ctx, over := context.WithCancel(ctx)
	defer over()
	defer func() {
		select {
		case <-r.Halted():
			o.halt.Do(func() { close(o.halted) })
		default:
		}
	}()
	// What runs beside may be what the runner's last batch needs, so it is stopped later.
	beside, stopBeside := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBeside()
	var g errgroup.Group
	g.Go(func() error {
		defer stopBeside()
		defer over()
		return r.Run(ctx)
	})
	g.Go(func() error {
		select {
		case <-r.CaughtUp():
			o.caught.Do(func() { close(o.caughtUp) })
		case <-ctx.Done():
		}
		return nil
	})
	if o.Beside != nil {
		g.Go(func() error {
			err := o.Beside(beside)
			if err != nil {
				over()
			}
			return err
		})
		g.Go(func() error {
			select {
			case <-lost(ctx):
				stopBeside()
			case <-beside.Done():
			}
			return nil
		})
	}
	return g.Wait()
}

func (o *Owned) set(flag *bool, to bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	*flag = to
}

// Name returns the consumer's name.
func (o *Owned) Name() string { return o.Lease.Name }

// Status returns what the consumer is doing in this instance. One that has halted here shows that until another instance is
// seen to own it.
func (o *Owned) Status() Status {
	o.mu.Lock()
	r, running, owning, standby := o.runner, o.running, o.owning, o.standby
	o.mu.Unlock()
	s := Status{Name: o.Name()}
	if r != nil {
		s = r.Status()
	}
	switch {
	case owning, !running:
	case standby:
		s.State, s.Lag, s.Err, s.Event = Standby, 0, nil, nil
	case s.State != Halted:
		s.State = Connecting
	}
	return s
}

// CaughtUp returns a channel that is closed once everything that had happened before is handled, for the first time since Run
// began, or once another instance is seen to own the consumer.
func (o *Owned) CaughtUp() <-chan struct{} {
	o.prepare()
	return o.caughtUp
}

// Halted returns a channel that is closed when the consumer halts for the first time in this instance; Status then says why.
func (o *Owned) Halted() <-chan struct{} {
	o.prepare()
	return o.halted
}
