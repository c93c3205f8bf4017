package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// publish sends the messages of each event to the endpoint, in log order, as the test has tampered with them. What came while the
// last request was under way goes with the next, as it does in the program.
func (e *engine) publish(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	records := make(chan eventstore.Recorded, 1000)
	group.Go(func() error {
		defer close(records)
		return e.follow(ctx, 0, func(rec eventstore.Recorded) error {
			select {
			case records <- rec:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	group.Go(func() error {
		for rec := range records {
			messages, err := e.plan(ctx, rec, records)
			if err != nil {
				return err
			}
			if err := e.post(ctx, messages); err != nil {
				return err
			}
			e.acked.Add(int64(len(messages)))
		}
		return nil
	})
	return group.Wait()
}

// maxPost is how many messages a request may carry before no more events are added to it.
const maxPost = 50

// plan makes the messages of an event, and of those that wait behind it.
func (e *engine) plan(ctx context.Context, rec eventstore.Recorded, more <-chan eventstore.Recorded) ([]publishers.Message, error) {
	var messages []publishers.Message
	for {
		known, err := e.known(ctx, rec)
		if err != nil {
			return nil, err
		}
		e.planned.Store(uint64(rec.Position))
		messages = append(messages, e.tamper(publishers.Messages(rec, known))...)
		if len(messages) >= maxPost {
			return messages, nil
		}
		var ok bool
		select {
		case rec, ok = <-more:
		default:
		}
		if !ok {
			return messages, nil
		}
	}
}

// known looks up what the messages of an event show.
func (e *engine) known(ctx context.Context, rec eventstore.Recorded) (d publishers.Directory, err error) {
	if d.Names, err = e.names.Names(ctx, publishers.People(rec.Event)...); err != nil {
		return d, err
	}
	d.Texts, err = e.texts.Open(ctx, publishers.SealedTexts(rec.Event)...)
	return d, err
}

// post publishes messages as one request, one array a channel in their order.
func (e *engine) post(ctx context.Context, messages []publishers.Message) error {
	if len(messages) == 0 {
		return nil
	}
	type wire struct {
		Name     string         `json:"name"`
		Data     string         `json:"data"`
		Encoding string         `json:"encoding"`
		Extras   map[string]any `json:"extras"`
	}
	type spec struct {
		Channels []string `json:"channels"`
		Messages []wire   `json:"messages"`
	}
	var specs []spec
	for _, m := range messages {
		data, err := m.Data()
		if err != nil {
			return err
		}
		specs = append(specs, spec{[]string{m.Channel}, []wire{{
			Name: m.Name, Data: string(data), Encoding: "json",
			Extras: map[string]any{"headers": map[string]string{"eventId": m.EventID.String()}},
		}}})
	}
	body, err := json.Marshal(specs)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.ably.URL+"/messages", bytes.NewReader(body))
	if err != nil {
		return err
	}
	name, secret, _ := strings.Cut(e.key, ":")
	req.SetBasicAuth(name, secret)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Ably-Version", "5")
	resp, err := e.ably.Client().Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 || bytes.Contains(answer, []byte(`"error"`)) {
		return fmt.Errorf("endpoint answers %d %s", resp.StatusCode, answer)
	}
	return err
}

// between stands before the API: it answers the first commands with 503 if the test says so, and may change what is answered.
func (e *engine) between(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isCommand(r) && e.refusals.Load() > 0 && e.refusals.Add(-1) >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if e.answers == nil {
			api.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		api.ServeHTTP(rec, r)
		maps.Copy(w.Header(), rec.Header())
		body := e.answers(r, rec.Code, rec.Body.Bytes())
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	})
}

// isCommand reports whether a request is one of the run's commands: a booking is asked for or changed.
func isCommand(r *http.Request) bool {
	return r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/bookings")
}
