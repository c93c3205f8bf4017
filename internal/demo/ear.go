package demo

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/ably/ably-go/ably"
)

const (
	// connectTimeout bounds connecting and each attachment.
	connectTimeout = 20 * time.Second
	// closeTimeout bounds the farewell; a client that misses it is left to its own.
	closeTimeout = 3 * time.Second
)

// ear is a realtime connection of one page.
type ear struct {
	client *ably.Realtime
	state  chan ably.ConnectionState
}

// listen connects with tokens that the API gives to the person. bookingID asks that this booking be covered; it may be
// empty.
func (t *town) listen(ctx context.Context, p *person, bookingID string) (*ear, error) {
	client, err := ably.NewRealtime(
		ably.WithEndpoint(t.Ably.Host), ably.WithPort(t.Ably.Port), ably.WithTLS(false),
		ably.WithUseBinaryProtocol(false), ably.WithAutoConnect(false), ably.WithEchoMessages(false),
		ably.WithDisconnectedRetryTimeout(time.Second), ably.WithLogHandler(clientLog{t.Logger}),
		// The library passes a context of its own that never ends; the client in turn is closed when the page is.
		ably.WithAuthCallback(func(context.Context, ably.TokenParams) (ably.Tokener, error) {
			return t.ablyToken(ctx, p, bookingID)
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("set up realtime client: %w", err)
	}
	// Few states follow one another before the page is closed; those that do not fit are of no interest.
	e := &ear{client: client, state: make(chan ably.ConnectionState, 32)}
	client.Connection.OnAll(func(c ably.ConnectionStateChange) {
		select {
		case e.state <- c.Current:
		default:
		}
	})
	client.Connect()
	// Not ctx itself: tokens are asked for with it as long as the page is open.
	connecting, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if err := e.await(connecting, ably.ConnectionStateConnected); err != nil {
		e.close(ctx)
		return nil, fmt.Errorf("connect to realtime endpoint: %w", err)
	}
	return e, nil
}

func (t *town) ablyToken(ctx context.Context, p *person, bookingID string) (ably.Tokener, error) {
	session, err := t.token(p)
	if err != nil {
		return nil, err
	}
	ans, err := t.api.insist(ctx, request{
		method: http.MethodPost, path: ablyTokenPath, token: session, body: tokenRequest{BookingID: bookingID},
	})
	if err != nil {
		return nil, err
	}
	var granted tokenAnswer
	if err := ans.into(&granted); err != nil {
		return nil, err
	}
	return ably.TokenString(granted.Token), nil
}

// await waits for a state of the connection, or for one from which it does not recover.
func (e *ear) await(ctx context.Context, want ably.ConnectionState) error {
	for {
		select {
		case s := <-e.state:
			switch s {
			case want:
				return nil
			case ably.ConnectionStateFailed, ably.ConnectionStateClosed:
				if reason := e.client.Connection.ErrorReason(); reason != nil {
					return reason
				}
				return fmt.Errorf("connection is %v", s)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// attach begins to hear a channel. broken is called whenever messages may have been missed since.
func (e *ear) attach(ctx context.Context, channel string, heard func(*ably.Message), broken func()) error {
	attaching, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	ch := e.client.Channels.Get(channel)
	if _, err := ch.SubscribeAll(attaching, heard); err != nil {
		return fmt.Errorf("attach %s: %w", channel, err)
	}
	gap := func(c ably.ChannelStateChange) {
		if !c.Resumed {
			broken()
		}
	}
	ch.On(ably.ChannelEventUpdate, gap)
	ch.On(ably.ChannelEventAttached, gap)
	return nil
}

// close says goodbye and waits for the answer, so that the client's goroutines end.
func (e *ear) close(ctx context.Context) {
	e.client.Close()
	// Whoever closes a page often does so because his context has ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = e.await(ctx, ably.ConnectionStateClosed) // nothing is left to do about a connection that does not close
}

// clientLog keeps the client library off stderr.
type clientLog struct{ log *slog.Logger }

// Printf implements the library's Logger.
func (l clientLog) Printf(level ably.LogLevel, format string, v ...any) {
	if level == ably.LogError || level == ably.LogWarning {
		l.log.DebugContext(context.Background(), "realtime client", slog.String("line", fmt.Sprintf(format, v...)))
	}
}
