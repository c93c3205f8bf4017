package publishers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// TestAPlanThatIsCutShortIsPutOffOnce: some of a plan is acknowledged, some waits for the service, and some goes to a queue that is there
// already, when there is no more time. All of it is kept then, and sent later, in order.
func TestAPlanThatIsCutShortIsPutOffOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t)
		s.request("bkg_000000", start, asha)
		first := len(s.log)
		slow := publishers.Messages(s.log[0], directory)[0].Channel
		s.confirm("bkg_000000", nil)
		for i := 1; i < 200; i++ {
			s.request(fmt.Sprintf("bkg_%06d", i), start.AddDate(0, 0, i), asha)
		}
		b := &bench{tb: t, db: openDatabase(t), key: "app.key:secret", endpoint: "127.0.0.1:1"}
		wire := newNetwork(nil)
		healed, accepted := false, map[string][]line{}
		wire.reply = func(n int, body []spec) *reply {
			if !healed && n > 3 {
				return &reply{status: http.StatusTooManyRequests, retryAfter: "60"}
			}
			var results []any
			for _, sp := range body {
				result := map[string]any{"channel": sp.Channels[0], "messageId": "x"}
				if !healed && sp.Channels[0] == slow {
					result["error"] = map[string]any{"code": 42913, "statusCode": 429, "message": "too fast"}
				} else {
					for _, m := range sp.Messages {
						accepted[sp.Channels[0]] = append(accepted[sp.Channels[0]], line{m.Name, m.Data})
					}
				}
				results = append(results, map[string]any{"results": []any{result}})
			}
			text, err := json.Marshal(results)
			if err != nil {
				t.Error(err)
			}
			return answer(http.StatusCreated, string(text))
		}
		cfg := b.config()
		cfg.Transport, cfg.Jitter = wire, func() float64 { return 0.999 }
		p := open(t, cfg)
		stop := beside(t.Context(), p)
		defer func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}()
		batch := func(from, to int) subscription.Batch {
			return subscription.Batch{Events: s.log[from:to], Position: s.log[to-1].Position, Live: true}
		}
		if err := p.Handle(t.Context(), batch(0, first)); err != nil || p.Status().Queued != 1 {
			t.Fatalf("%v, status %+v", err, p.Status())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Handle(ctx, batch(first, len(s.log))); err != nil {
			t.Errorf("some of it was acknowledged, and the rest not put off: %v", err)
		}
		if ctx.Err() == nil {
			t.Fatal("the plan was not cut short")
		}
		healed = true
		drained(t.Context(), p)
		if want := expected(t, s.log); !reflect.DeepEqual(accepted, want) {
			t.Errorf("channels show\n%v\nwant\n%v", accepted, want)
		}
	})
}
