package demo

import (
	"context"
	"fmt"

	"golang.org/x/time/rate"
)

// pacer keeps the people together within what the realtime service grants one account per second: 250 new connections, 250
// token requests and 250 new channels, of which the publisher needs some too.
type pacer struct{ connections, attachments *rate.Limiter }

func newPacer() *pacer {
	return &pacer{
		connections: rate.NewLimiter(100, 10), // each needs a token as well
		attachments: rate.NewLimiter(120, 20),
	}
}

// connect waits until another connection may be opened.
func (p *pacer) connect(ctx context.Context) error {
	if err := p.connections.Wait(ctx); err != nil {
		return fmt.Errorf("wait to connect: %w", err)
	}
	return nil
}

// attach waits until another channel may be attached.
func (p *pacer) attach(ctx context.Context) error {
	if err := p.attachments.Wait(ctx); err != nil {
		return fmt.Errorf("wait to attach: %w", err)
	}
	return nil
}
