package publishers_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/publishers"
)

// TestAReplayGoesOnByItselfWhenTheRateAllowsIt: nothing else happens that would wake the dispatcher.
func TestAReplayGoesOnByItselfWhenTheRateAllowsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := manyBookings(t, 150)
		b := &bench{tb: t, db: openDatabase(t), key: "app.key:secret", endpoint: "127.0.0.1:1"}
		cfg := b.config()
		cfg.Transport, cfg.Log = takesAll{}, &particular{log: log}
		cfg.Limits = publishers.Limits{Messages: 200}
		p := open(t, cfg)
		if err := handle(t.Context(), p, log, len(log)); err != nil {
			t.Fatal(err)
		}
		o := publishers.Operator{DB: b.db, Log: cfg.Log}
		asked, err := o.Replay(t.Context(), publishers.Replay{From: 1, To: log[len(log)-1].Position})
		if err != nil {
			t.Fatal(err)
		}
		stop := beside(t.Context(), p)
		began := time.Now()
		for done, n := false, 0; !done && n < 300; n++ {
			time.Sleep(time.Second)
			all, err := o.Replays(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			done = !all[0].FinishedAt.IsZero()
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		t.Logf("%d messages in %v", asked.Messages, time.Since(began))
		if took, most := time.Since(began), time.Duration(asked.Messages)*time.Second/100; took > most {
			t.Errorf("%d messages took %v, want at most %v", asked.Messages, took, most)
		}
	})
}

// takesAll is a service that takes everything at once.
type takesAll struct{}

// RoundTrip answers a batch.
func (takesAll) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []struct {
		Channels []string `json:"channels"`
	}
	if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
		return nil, err
	}
	results := make([]any, 0, len(body))
	for _, s := range body {
		results = append(results, map[string]any{"results": []any{map[string]any{"channel": s.Channels[0], "messageId": "x"}}})
	}
	text, err := json.Marshal(results)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusCreated, string(text)).response(req), nil
}
