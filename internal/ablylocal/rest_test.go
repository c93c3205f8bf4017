package ablylocal_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/internal/ablylocal"
)

// protocols are the encodings that ably-go speaks.
func protocols() map[string]ably.ClientOption {
	return map[string]ably.ClientOption{
		"json":    ably.WithUseBinaryProtocol(false),
		"msgpack": ably.WithUseBinaryProtocol(true),
	}
}

// tap records what the endpoint accepts.
type tap struct {
	mu       sync.Mutex
	messages map[string][]ablylocal.Message
}

func (r *tap) on(channel string, m ablylocal.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.messages == nil {
		r.messages = map[string][]ablylocal.Message{}
	}
	r.messages[channel] = append(r.messages[channel], m)
}

func (r *tap) names(channel string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := ""
	for _, m := range r.messages[channel] {
		out += m.Name + " "
	}
	return out
}

func TestRestPublishIsAcceptedAndKeptInHistory(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			var seen tap
			e := start(t, ablylocal.Config{OnMessage: seen.on})
			channel := e.rest(t, protocol).Channels.Get("customer:usr_1:bookings")
			for i := range 3 {
				if err := channel.Publish(t.Context(), fmt.Sprintf("n%d", i), map[string]any{"i": i}); err != nil {
					t.Fatalf("publish: %v", err)
				}
			}
			if got := seen.names("customer:usr_1:bookings"); got != "n0 n1 n2 " {
				t.Errorf("accepted %q", got)
			}
			items, err := channel.History(ably.HistoryWithDirection(ably.Forwards), ably.HistoryWithLimit(2)).Items(t.Context())
			if err != nil {
				t.Fatalf("history: %v", err)
			}
			var got []string
			for items.Next(t.Context()) {
				m := items.Item()
				data, ok := m.Data.(map[string]any)
				if !ok || m.Serial == "" || m.Timestamp == 0 {
					t.Errorf("message %+v", m)
				}
				got = append(got, fmt.Sprint(m.Name, data["i"]))
			}
			if err := items.Err(); err != nil {
				t.Fatalf("history pages: %v", err)
			}
			if fmt.Sprint(got) != "[n00 n11 n22]" {
				t.Errorf("history over two pages: %v", got)
			}
		})
	}
}

func TestRepeatedIDsAreAcceptedOnceForTwoMinutes(t *testing.T) {
	var seen tap
	now := time.Now()
	var mu sync.Mutex
	e := start(t, ablylocal.Config{OnMessage: seen.on, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	channel := e.rest(t).Channels.Get("booking:1")
	publish := func(ids ...string) error {
		var messages []*ably.Message
		for _, id := range ids {
			messages = append(messages, &ably.Message{ID: id, Name: id})
		}
		return channel.PublishMultiple(t.Context(), messages)
	}
	for range 3 {
		if err := publish("evt:0", "evt:1"); err != nil {
			t.Fatalf("publish: %v", err)
		}
	}
	if got := seen.names("booking:1"); got != "evt:0 evt:1 " {
		t.Errorf("after repeats within the window: %q", got)
	}
	if stats := e.Stats(); stats.Accepted != 2 || stats.Duplicates != 4 {
		t.Errorf("stats %+v", stats)
	}
	mu.Lock()
	now = now.Add(2*time.Minute + time.Millisecond)
	mu.Unlock()
	if err := publish("evt:0", "evt:1"); err != nil {
		t.Fatalf("publish: %v", err)
	}
	if got := seen.names("booking:1"); got != "evt:0 evt:1 evt:0 evt:1 " {
		t.Errorf("after the window: %q", got)
	}
	err := publish("evt:0", "evt:2")
	if info, ok := errors.AsType[*ably.ErrorInfo](err); !ok || info.Code != 40031 || info.StatusCode != 400 {
		t.Errorf("ids with a hole: %v", err)
	}
}

// batchOf is what a publisher sends: data as string with its encoding.
func batchOf(channel string, names ...string) map[string]any {
	var messages []map[string]any
	for i, name := range names {
		messages = append(messages, map[string]any{
			"id": fmt.Sprintf("b-%s:%d", channel, i), "name": name, "data": `{"a":1}`, "encoding": "json",
			"extras": map[string]any{"headers": map[string]any{"eventId": "e1"}},
		})
	}
	return map[string]any{"channels": []string{channel}, "messages": messages}
}

// batchResult is the answer's shape, as a client declares it.
type batchResult struct {
	SuccessCount int `json:"successCount" codec:"successCount"`
	FailureCount int `json:"failureCount" codec:"failureCount"`
	Results      []struct {
		Channel   string   `json:"channel" codec:"channel"`
		MessageID string   `json:"messageId" codec:"messageId"`
		Serials   []string `json:"serials" codec:"serials"`
		Error     *struct {
			Code       int    `json:"code" codec:"code"`
			StatusCode int    `json:"statusCode" codec:"statusCode"`
			Message    string `json:"message" codec:"message"`
		} `json:"error" codec:"error"`
	} `json:"results" codec:"results"`
}

func TestBatchPublishAnswersPerChannel(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			var seen tap
			e := start(t, ablylocal.Config{OnMessage: seen.on})
			specs := []any{batchOf("a:1", "x", "y"), batchOf(":bad", "z"), batchOf("b:1", "w")}
			pages, err := e.rest(t, protocol).Request("POST", "/messages", ably.RequestWithBody(specs)).Pages(t.Context())
			if err != nil {
				t.Fatalf("batch: %v", err)
			}
			if !pages.Success() || pages.StatusCode() != http.StatusCreated {
				t.Fatalf("status %d, error %v", pages.StatusCode(), pages.ErrorMessage())
			}
			var results []batchResult
			if !pages.Next(t.Context()) {
				t.Fatalf("no page: %v", pages.Err())
			}
			if err := pages.Items(&results); err != nil {
				t.Fatalf("decode results: %v", err)
			}
			if len(results) != 3 || results[0].SuccessCount != 1 || len(results[0].Results[0].Serials) != 2 {
				t.Fatalf("results %+v", results)
			}
			if bad := results[1]; bad.FailureCount != 1 || bad.Results[0].Error.Code != 40010 || bad.Results[0].Error.StatusCode != 400 {
				t.Errorf("result of the bad channel %+v", bad)
			}
			if seen.names("a:1") != "x y " || seen.names("b:1") != "w " {
				t.Errorf("accepted %q, %q", seen.names("a:1"), seen.names("b:1"))
			}
			headers := seen.messages["a:1"][0].Extras.(map[string]any)["headers"]
			if fmt.Sprint(headers) != "map[eventId:e1]" {
				t.Errorf("headers %v", headers)
			}
		})
	}
}

func TestTokenRequestsGiveTokensThatWork(t *testing.T) {
	for name, protocol := range protocols() {
		t.Run(name, func(t *testing.T) {
			e := start(t, ablylocal.Config{KeyCapability: `{"a:*":["*"],"b":["subscribe"]}`})
			client := e.rest(t, protocol)
			details, err := client.Auth.RequestToken(t.Context(), &ably.TokenParams{Capability: `{"*":["publish"]}`, ClientID: "me", TTL: 60_000})
			if err != nil {
				t.Fatalf("request token: %v", err)
			}
			if details.Capability != `{"a:*":["publish"]}` || details.ClientID != "me" || details.Expires-details.Issued != 60_000 {
				t.Errorf("details %+v", details)
			}
			holder, err := ably.NewREST(e.options(protocol, ably.WithToken(details.Token))...)
			if err != nil {
				t.Fatalf("new client: %v", err)
			}
			if err := holder.Channels.Get("a:x").Publish(t.Context(), "n", "d"); err != nil {
				t.Errorf("publish where it is granted: %v", err)
			}
			wantCode(t, holder.Channels.Get("b").Publish(t.Context(), "n", "d"), 40160)

			_, err = client.Auth.RequestToken(t.Context(), &ably.TokenParams{Capability: `{"b":["publish"]}`})
			wantCode(t, err, 40160)
			_, err = client.Auth.RequestToken(t.Context(), &ably.TokenParams{TTL: 25 * 3_600_000})
			wantCode(t, err, 40003)
			_, err = client.Auth.RequestToken(t.Context(), &ably.TokenParams{Timestamp: time.Now().Add(-3 * time.Minute).UnixMilli()})
			wantCode(t, err, 40104)
		})
	}
}

// wantCode checks that an error of ably-go carries a code.
func wantCode(t *testing.T, err error, code ably.ErrorCode) {
	t.Helper()
	if info, ok := errors.AsType[*ably.ErrorInfo](err); !ok || info.Code != code {
		t.Errorf("got error %v, want code %d", err, code)
	}
}
