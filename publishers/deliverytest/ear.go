package deliverytest

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ably/ably-go/ably"
)

const (
	// connectTimeout bounds connecting and each attachment.
	connectTimeout = 20 * time.Second
	// closeTimeout bounds the farewell; a client that misses it is left to its own.
	closeTimeout = 3 * time.Second
)

// Ear is a subscriber. It notes all that it hears, without a rule, in order.
type Ear struct {
	client *ably.Realtime
	state  chan ably.ConnectionState

	mu     sync.Mutex
	states []string // all that the connection was in, with when and why
	heard  map[string][]Message
	count  int
	broken int
	err    error
}

// Listen attaches to channels of a loopback endpoint (host:port) and returns once it hears all of them.
func Listen(ctx context.Context, endpoint, key string, channels []string) (*Ear, error) {
	host, portText, err := net.SplitHostPort(endpoint)
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", endpoint, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", endpoint, err)
	}
	client, err := ably.NewRealtime(
		ably.WithKey(key), ably.WithEndpoint(host), ably.WithPort(port), ably.WithTLS(false),
		ably.WithInsecureAllowBasicAuthWithoutTLS(), ably.WithUseBinaryProtocol(false), ably.WithAutoConnect(false),
		ably.WithLogLevel(ably.LogNone), ably.WithDisconnectedRetryTimeout(time.Second),
	)
	if err != nil {
		return nil, fmt.Errorf("set up subscriber: %w", err)
	}
	// Few states follow one another; those that do not fit are of no interest.
	e := &Ear{client: client, state: make(chan ably.ConnectionState, 32), heard: map[string][]Message{}}
	client.Connection.OnAll(func(c ably.ConnectionStateChange) {
		e.note(c)
		select {
		case e.state <- c.Current:
		default:
		}
	})
	client.Connect()
	connecting, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := e.await(connecting, ably.ConnectionStateConnected); err != nil {
		e.Close(ctx)
		return nil, fmt.Errorf("connect subscriber: %w", err)
	}
	for _, name := range channels {
		if err := e.attach(connecting, name); err != nil {
			e.Close(ctx)
			return nil, err
		}
	}
	return e, nil
}

func (e *Ear) note(c ably.ConnectionStateChange) {
	line := time.Now().Format("15:04:05.000 ") + c.Current.String()
	if c.Reason != nil {
		line += ": " + c.Reason.Error()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.states = append(e.states, line)
}

// await waits for a state of the connection, or for one from which it does not recover.
func (e *Ear) await(ctx context.Context, want ably.ConnectionState) error {
	for {
		select {
		case s := <-e.state:
			if s == want {
				return nil
			}
			if s == ably.ConnectionStateFailed || s == ably.ConnectionStateClosed {
				return fmt.Errorf("the connection is %v: %w", s, e.client.Connection.ErrorReason())
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (e *Ear) attach(ctx context.Context, name string) error {
	e.mu.Lock()
	e.heard[name] = nil // what is listened to shows even if nothing comes
	e.mu.Unlock()
	ch, attached := e.client.Channels.Get(name), false
	gap := func(c ably.ChannelStateChange) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if attached && !c.Resumed {
			e.broken++
		}
		attached = true
	}
	ch.On(ably.ChannelEventUpdate, gap)
	ch.On(ably.ChannelEventAttached, gap)
	if _, err := ch.SubscribeAll(ctx, func(m *ably.Message) { e.hear(name, m) }); err != nil {
		return fmt.Errorf("attach %s: %w", name, err)
	}
	return nil
}

func (e *Ear) hear(channel string, m *ably.Message) {
	text, _ := m.Data.(string) // the library leaves the data of a subscription as it is
	read, err := ReadMessage(channel, m.ID, m.Name, text, m.Extras)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.err = err
		return
	}
	e.heard[channel] = append(e.heard[channel], read)
	e.count++
}

// Count returns how many messages were heard so far.
func (e *Ear) Count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.count
}

// Heard returns what was heard on each channel that is listened to. The error says that it is not all there was: a message that
// cannot be read, continuity that the endpoint could not give, or a connection that is broken now.
func (e *Ear) Heard() (map[string][]Message, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	heard := maps.Clone(e.heard)
	for name, list := range heard {
		heard[name] = slices.Clone(list)
	}
	switch now := e.client.Connection.State(); {
	case e.err != nil:
		return heard, e.err
	case e.broken > 0:
		return heard, fmt.Errorf("continuity was lost %d times: %q", e.broken, e.states)
	case now != ably.ConnectionStateConnected:
		return heard, fmt.Errorf("the subscriber is %v: %q", now, e.states)
	}
	return heard, nil
}

// Close says goodbye and waits for the answer, so that the client's goroutines end.
func (e *Ear) Close(ctx context.Context) {
	e.client.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = e.await(ctx, ably.ConnectionStateClosed) // nothing is left to do about a connection that does not close
}
