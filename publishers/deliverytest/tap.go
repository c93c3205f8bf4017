package deliverytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Outcome is what the endpoint said to a list.
type Outcome int

// The outcomes.
const (
	// Doubtful: there was no answer, or one that leaves open whether the list was accepted.
	Doubtful Outcome = iota
	// Acknowledged: the endpoint said that it has the list, whether or not the sender still heard it.
	Acknowledged
	// Refused: the endpoint said that it has not.
	Refused
)

// Sent is a message of a request as the endpoint got it.
type Sent struct {
	Message

	// By is whose door the request came through, Request tells requests apart.
	By      string
	Request int
	At      time.Time
	// Arrived and Answered are moments of the Tap's clock: when the request was read, and when its answer was complete, just before
	// anybody could hear it. Answered is 0 without an answer.
	Arrived, Answered Moment
	Outcome           Outcome
	// Learned is when the sender of a doubtful one found it in the channel's history; 0: never.
	Learned Moment
}

// known is when the sender knew that it had arrived; 0: never.
func (s Sent) known() Moment {
	if s.Outcome == Acknowledged {
		return s.Answered
	}
	return s.Learned
}

// Moment counts what the Tap has seen: what has the lower one was first.
type Moment int64

// Tap sees all publish requests on their way to an endpoint and the answers on their way back. The zero Tap is ready.
type Tap struct {
	mu       sync.Mutex
	now      Moment
	requests int
	sent     []Sent
	err      error
}

// Wrap returns a handler that notes the publish requests that it passes on. by tells several doors to one endpoint apart.
func (t *Tap) Wrap(by string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if channel, ok := historyOf(r); ok {
			kept := &keptAnswer{ResponseWriter: w, status: http.StatusOK}
			next.ServeHTTP(kept, r)
			t.lookedUp(by, channel, kept.body.Bytes())
			w.WriteHeader(kept.status)
			_, _ = w.Write(kept.body.Bytes()) // whoever has gone does not hear it
			return
		}
		if r.Method != http.MethodPost || r.URL.Path != "/messages" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender has gone before all of it was here: nobody has it
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		first, n := t.arrived(by, body)
		kept := &keptAnswer{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(kept, r)
		if kept.taken {
			return
		}
		t.answered(first, n, kept.status, kept.body.Bytes())
		w.WriteHeader(kept.status)
		_, _ = w.Write(kept.body.Bytes()) // a sender that has gone does not hear it
	})
}

// Now returns the moment of the last thing seen.
func (t *Tap) Now() Moment {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now
}

// Sent returns all that was sent so far, in order of arrival. The error says that a request could not be read, and so that
// something is missing.
func (t *Tap) Sent() ([]Sent, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.sent), t.err
}

// Last returns the message that came last, and how many have come; ok is false before the first.
func (t *Tap) Last() (last Sent, n int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n = len(t.sent); n > 0 {
		return t.sent[n-1], n, true
	}
	return Sent{}, 0, false
}

// wireSpec is a list for one channel.
type wireSpec struct {
	Channels []string `json:"channels"`
	Messages []struct {
		ID     string         `json:"id"`
		Name   string         `json:"name"`
		Data   string         `json:"data"`
		Extras map[string]any `json:"extras"`
	} `json:"messages"`
}

// arrived notes a request and returns where its messages are.
func (t *Tap) arrived(by string, body []byte) (first, n int) {
	var specs []wireSpec
	err := json.Unmarshal(body, &specs)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.err = fmt.Errorf("read publish request %.80q: %w", body, err)
		return 0, 0
	}
	t.now++
	t.requests++
	first = len(t.sent)
	for _, spec := range specs {
		for _, channel := range spec.Channels {
			for _, m := range spec.Messages {
				read, err := ReadMessage(channel, m.ID, m.Name, m.Data, m.Extras)
				if err != nil {
					t.err = err
				}
				t.sent = append(t.sent, Sent{Message: read, By: by, Request: t.requests, At: time.Now(), Arrived: t.now})
			}
		}
	}
	return first, len(t.sent) - first
}

// answered notes what became of the messages of a request.
func (t *Tap) answered(first, n, status int, body []byte) {
	of := readResults(status, body)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now++
	for i := first; i < first+n; i++ {
		t.sent[i].Answered, t.sent[i].Outcome = t.now, of(t.sent[i].Channel)
	}
}

// historyOf returns the channel whose history a request asks for.
func historyOf(r *http.Request) (channel string, ok bool) {
	rest, found := strings.CutPrefix(r.URL.Path, "/channels/")
	channel, is := strings.CutSuffix(rest, "/messages")
	return channel, found && is && r.Method == http.MethodGet
}

// lookedUp notes that a sender who did not know learns from a channel's history that a list was accepted.
func (t *Tap) lookedUp(by, channel string, body []byte) {
	var messages []struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(body, &messages) // what is no history tells nobody anything
	known := map[string]bool{}
	for _, m := range messages {
		known[m.ID] = true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now++
	// Of several sendings only the last that was not refused: those before it were in doubt when it came.
	for i, m := range slices.Backward(t.sent) {
		if m.Channel == channel && m.By == by && known[m.ID] && m.Outcome != Refused {
			delete(known, m.ID)
			if m.Outcome == Doubtful && m.Learned == 0 {
				t.sent[i].Learned = t.now
			}
		}
	}
}

// readResults returns what an answer says about each channel.
func readResults(status int, body []byte) func(channel string) Outcome {
	type result struct {
		Channel string `json:"channel"`
		Error   *struct {
			StatusCode int `json:"statusCode"`
		} `json:"error"`
	}
	type entry struct {
		result
		Results []result `json:"results"`
	}
	var entries []entry
	if json.Unmarshal(body, &entries) != nil {
		var whole struct {
			Entries []entry `json:"batchResponse"`
		}
		_ = json.Unmarshal(body, &whole) // without results the status decides
		entries = whole.Entries
	}
	alone := map[string]Outcome{}
	for _, e := range entries {
		for _, r := range append(e.Results, e.result) {
			if alone[r.Channel] = Acknowledged; r.Error != nil {
				alone[r.Channel] = ofStatus(r.Error.StatusCode)
			}
		}
	}
	return func(channel string) Outcome {
		if o, ok := alone[channel]; ok {
			return o
		}
		return ofStatus(status)
	}
}

// ofStatus is what an HTTP status leaves of a list: an error of the endpoint's own may come after it has accepted.
func ofStatus(status int) Outcome {
	switch status / 100 {
	case 2:
		return Acknowledged
	case 4:
		return Refused
	}
	return Doubtful
}

// keptAnswer keeps an answer until it has been noted: otherwise the sender might act on it first.
type keptAnswer struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
	taken  bool // the connection: there is no answer
}

// WriteHeader notes the status.
func (k *keptAnswer) WriteHeader(status int) { k.status = status }

// Write keeps a part of the body.
func (k *keptAnswer) Write(p []byte) (int, error) { return k.body.Write(p) }

// Unwrap lets the endpoint take the connection from under the answer, which it does to reset it.
func (k *keptAnswer) Unwrap() http.ResponseWriter {
	k.taken = true
	return k.ResponseWriter
}
