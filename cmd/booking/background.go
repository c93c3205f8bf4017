package main

import "context"

// background is one loop that runs beside its starter, who stops it and waits.
type background struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // set before done is closed
}

// goBackground starts run; Stop ends it.
func goBackground(ctx context.Context, run func(context.Context) error) *background {
	ctx, cancel := context.WithCancel(ctx)
	b := &background{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		b.err = run(ctx)
	}()
	return b
}

// Done is closed when the loop has ended, by itself or by Stop.
func (b *background) Done() <-chan struct{} { return b.done }

// Stop ends the loop, waits for it and returns its error.
func (b *background) Stop() error {
	b.cancel()
	<-b.done
	return b.err
}
