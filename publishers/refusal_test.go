package publishers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

// poisoned reports whether a spec holds a message that the service of the test never takes.
func poisoned(s spec, marks ...string) bool {
	for _, m := range s.Messages {
		if slices.Contains(marks, m.Name) {
			return true
		}
	}
	return false
}

// refuseWhole refuses the request that holds a poisoned message, without a word about its channels.
func refuseWhole(code int, marks ...string) func(int, []spec) *reply {
	return func(_ int, body []spec) *reply {
		for _, s := range body {
			if poisoned(s, marks...) {
				return answer(http.StatusBadRequest, fmt.Sprintf(`{"error":{"code":%d,"statusCode":400,"message":"no"}}`, code))
			}
		}
		return nil
	}
}

// refuseSpec takes the others and refuses the poisoned spec alone; status is that of the whole answer.
func refuseSpec(b *bench, status int, wrap func(results []any) any, marks ...string) func(int, []spec) *reply {
	pass := newNetwork(nil)
	return func(_ int, body []spec) *reply {
		var good []spec
		var results []any
		for _, s := range body {
			if poisoned(s, marks...) {
				results = append(results, map[string]any{"channel": s.Channels[0], "error": map[string]any{
					"code": 40009, "statusCode": 413, "message": "too large",
				}})
				continue
			}
			good = append(good, s)
			results = append(results, map[string]any{"channel": s.Channels[0], "messageId": s.Messages[0].ID})
		}
		if len(good) == len(body) {
			return nil
		}
		if len(good) > 0 {
			b.publish(pass, good)
		}
		text, err := json.Marshal(wrap(results))
		if err != nil {
			panic(err) // maps of strings always marshal
		}
		return answer(status, string(text))
	}
}

// publish sends specs to the endpoint as the service's own front would.
func (b *bench) publish(pass *network, specs []spec) {
	b.tb.Helper()
	text, err := json.Marshal(specs)
	if err != nil {
		b.tb.Error(err)
		return
	}
	// The encoding is not part of spec; all data is JSON.
	text = []byte(strings.ReplaceAll(string(text), `"data":`, `"encoding":"json","data":`))
	req, err := http.NewRequestWithContext(b.tb.Context(), http.MethodPost, "http://"+b.endpoint+"/messages",
		strings.NewReader(string(text)))
	if err != nil {
		b.tb.Error(err)
		return
	}
	name, secret, _ := strings.Cut(b.key, ":")
	req.SetBasicAuth(name, secret)
	req.Header.Set("Content-Type", "application/json")
	resp, err := pass.next.RoundTrip(req)
	if err != nil {
		b.tb.Error(err)
		return
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusCreated {
		b.tb.Errorf("the endpoint answers %d (%v)", resp.StatusCode, err)
	}
}

// TestARefusedMessageIsKeptAndAResyncTakesItsPlace in each form in which the service may refuse: the request as a whole, one
// result of a good answer, and the flat form of older protocol versions.
func TestARefusedMessageIsKeptAndAResyncTakesItsPlace(t *testing.T) {
	t.Parallel()
	const mark = "booking.staff_assigned" // second of two messages on the customer's channel, among others
	for name, refuse := range map[string]func(*bench) func(int, []spec) *reply{
		"the request as a whole": func(*bench) func(int, []spec) *reply { return refuseWhole(40009, mark) },
		"one result of many": func(b *bench) func(int, []spec) *reply {
			return refuseSpec(b, http.StatusCreated, func(r []any) any {
				var specs []any
				for _, one := range r {
					specs = append(specs, map[string]any{"results": []any{one}})
				}
				return specs
			}, mark)
		},
		"the flat form": func(b *bench) func(int, []spec) *reply {
			return refuseSpec(b, http.StatusBadRequest, func(r []any) any {
				return map[string]any{"error": map[string]any{"code": 40020, "statusCode": 400}, "batchResponse": r}
			}, mark)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachBench(t, func(t *testing.T, b *bench) {
				s := dayStory(t)
				wire := newNetwork(nil)
				wire.reply = refuse(b)
				cfg := b.config()
				cfg.Transport = wire
				p := open(t, cfg)
				if err := handle(t.Context(), p, s.log, 1000); err != nil {
					t.Fatal(err)
				}
				want := expected(t, s.log)
				var refused []publishers.Message
				for _, e := range s.log {
					for _, m := range publishers.Messages(e, directory) {
						if m.Name == mark {
							refused = append(refused, m)
						}
					}
				}
				for _, m := range refused {
					list := want[m.Channel]
					for i := range list {
						if list[i].data == string(data(t, m)) {
							m.Payload = nil
							list[i] = line{"resync", string(data(t, m))}
						}
					}
				}
				if got := shown(t, b.messages()); !reflect.DeepEqual(got, want) {
					t.Errorf("channels show\n%v\nwant\n%v", got, want)
				}
				if st := p.Status(); st.State != publishers.Live || st.Position != s.log[len(s.log)-1].Position {
					t.Errorf("status %+v: a refused message must not hold the rest up", st)
				}
				rows := query(t, b, `SELECT channel || ' ' || part || ' ' || name || ' ' || status || ' ' || code FROM refused ORDER BY 1`)
				// The whole answer is judged by its status; a channel's own words name theirs.
				status := 413
				if name == "the request as a whole" {
					status = 400
				}
				wantRows := []string{
					fmt.Sprintf("customer:%s:bookings 0 %s %d 40009", customer, mark, status),
					fmt.Sprintf("customer:%s:bookings 1 %s %d 40009", customer, mark, status),
				}
				if !reflect.DeepEqual(rows, wantRows) {
					t.Errorf("kept %v, want %v", rows, wantRows)
				}
				if got := query(t, b, `SELECT DISTINCT channel FROM deliveries WHERE outcome <> 'ok'`); len(got) != 1 {
					t.Errorf("not ok on %v, want the customer's channel alone", got)
				}
			})
		})
	}
}

// TestWhatIsRefusedAltogetherIsParkedUntilItIsRedriven: when not even a resync is taken, or the channel's name is not, its messages
// wait in order, those that come later behind them, and nobody else does. An operator lets them go on.
func TestWhatIsRefusedAltogetherIsParkedUntilItIsRedriven(t *testing.T) {
	t.Parallel()
	for code, resynced := range map[int]bool{40009: true, 40010: false} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			eachBench(t, func(t *testing.T, b *bench) { testParking(t, b, code, resynced) })
		})
	}
}

func testParking(t *testing.T, b *bench, code int, resynced bool) {
	t.Helper()
	s := dayStory(t)
	wire := newNetwork(nil)
	var mended atomic.Bool
	refuse := refuseWhole(code, "status.changed", "resync")
	wire.reply = func(n int, body []spec) *reply {
		if mended.Load() {
			return nil
		}
		return refuse(n, body)
	}
	cfg := b.config()
	cfg.Transport = wire
	p := open(t, cfg)
	if err := handle(t.Context(), p, s.log, 1); err != nil {
		t.Fatal(err)
	}
	o := publishers.Operator{DB: b.db}
	want, poisonous := expected(t, s.log), 0
	for _, list := range want {
		if slices.ContainsFunc(list, func(l line) bool { return l.name == "status.changed" }) {
			poisonous++
		}
	}
	parked, err := o.Parked(t.Context())
	if err != nil || len(parked) != poisonous || p.Status().Parked != poisonous || poisonous == 0 {
		t.Fatalf("%d parked are %+v (%v), status %+v", poisonous, parked, err, p.Status())
	}
	got := shown(t, b.messages())
	for channel, list := range want {
		i := slices.IndexFunc(parked, func(p publishers.Parked) bool { return p.Channel == channel })
		if i < 0 {
			if !reflect.DeepEqual(got[channel], list) {
				t.Errorf("%s shows %v, want %v", channel, got[channel], list)
			}
			continue
		}
		first := slices.IndexFunc(list, func(l line) bool { return l.name == "status.changed" })
		if len(got[channel]) != first || parked[i].Messages != len(list)-first || parked[i].Why != "refused" || parked[i].Code != code {
			t.Errorf("%s shows %d of %d messages and is parked as %+v", channel, len(got[channel]), len(list), parked[i])
		}
	}
	if rows := query(t, b, `SELECT DISTINCT outcome FROM deliveries WHERE channel = 'booking:bkg_evening01' AND outcome <> 'ok'`); !reflect.DeepEqual(rows, []string{"parked"}) {
		t.Errorf("the delivery log says %v", rows)
	}

	redrive := publishers.Redrive{Channel: parked[0].Channel, DryRun: true}
	if dry, err := o.Redrive(t.Context(), redrive); err != nil || dry.Messages != parked[0].Messages || !dry.DryRun {
		t.Errorf("a dry run says %+v (%v)", dry, err)
	}
	if still, err := o.Parked(t.Context()); err != nil || !reflect.DeepEqual(still, parked) {
		t.Errorf("after a dry run parked are %+v (%v)", still, err)
	}
	mended.Store(true)
	if _, err := o.Redrive(t.Context(), publishers.Redrive{All: true}); err != nil {
		t.Fatal(err)
	}
	stop := beside(t.Context(), p)
	eventually(t, "the redriven messages", func() bool { return p.Status().Parked+p.Status().Queued == 0 })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	got = shown(t, b.messages())
	for _, p := range parked {
		list := want[p.Channel]
		i := slices.IndexFunc(list, func(l line) bool { return l.name == "status.changed" })
		if resynced {
			list[i] = line{"resync", envelope(t, list[i].data)}
			got[p.Channel][i].data = envelope(t, got[p.Channel][i].data)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("in the end channels show\n%v\nwant\n%v", got, want)
	}
	if rows := query(t, b, `SELECT DISTINCT outcome FROM deliveries WHERE outcome NOT IN ('ok', 'permanent')`); len(rows) > 0 {
		t.Errorf("the delivery log says %v", rows)
	}
	if rows := query(t, b, `SELECT count(*) FROM queued`); rows[0] != "0" {
		t.Errorf("%v messages are left", rows)
	}
}

// envelope is what the data of every message has.
func envelope(tb testing.TB, data string) string {
	tb.Helper()
	var e publishers.Envelope
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		tb.Fatal(err)
	}
	return fmt.Sprint(e)
}

// TestWhatAProxySaysIsNoRefusal puts something between us and the service that refuses everything for a while, in words of
// its own: nothing may be lost or change places for it.
func TestWhatAProxySaysIsNoRefusal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400, 402, 403, 404, 405, 407, 409, 413, 421, 451} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			s := dayStory(t)
			wire := newNetwork(nil)
			refused := 0
			wire.reply = func(n int, _ []spec) *reply {
				if n < 3 || n%4 == 0 { // less than opens the circuit
					refused++
					return answer(status, "the proxy wants to be asked otherwise")
				}
				return nil
			}
			cfg := b.config()
			cfg.Transport = wire
			if err := handle(t.Context(), open(t, cfg), s.log, 2); err != nil {
				t.Fatal(err)
			}
			if refused < 4 {
				t.Fatalf("refused %d times", refused)
			}
			if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
				t.Errorf("channels show\n%v\nwant\n%v", got, want)
			}
			if rows := query(t, b, `SELECT name FROM refused`); len(rows) > 0 {
				t.Errorf("taken for refused for good: %v", rows)
			}
		})
	}
}

// TestAFailingChannelHoldsUpNobodyElse lets one channel fail many times; all others must be complete long before.
func TestAFailingChannelHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := dayStory(t)
	blocked := "booking:bkg_evening01"
	want := expected(t, s.log)
	delete(want, blocked)
	var others map[string][]line
	wire := newNetwork(nil)
	failures := 0
	wire.reply = func(_ int, body []spec) *reply {
		var results []any
		var good []spec
		for _, sp := range body {
			result := map[string]any{"channel": sp.Channels[0], "messageId": "x"}
			if sp.Channels[0] == blocked && failures < 20 {
				failures++
				result["error"] = map[string]any{"code": 42913, "statusCode": 429, "message": "too fast"}
				if failures == 20 {
					others = shown(t, b.messages())
				}
			} else {
				good = append(good, sp)
			}
			results = append(results, map[string]any{"results": []any{result}})
		}
		if len(good) == len(body) {
			return nil
		}
		if len(good) > 0 {
			b.publish(newNetwork(nil), good)
		}
		text, err := json.Marshal(results)
		if err != nil {
			t.Error(err)
		}
		return answer(http.StatusCreated, string(text))
	}
	cfg := b.config()
	cfg.Transport = wire
	p := open(t, cfg)
	batch := subscription.Batch{Events: s.log, Position: s.log[len(s.log)-1].Position, Live: true}
	if err := handleBatches(t.Context(), p, batch); err != nil {
		t.Fatal(err)
	}
	if failures != 20 {
		t.Fatalf("failed %d times", failures)
	}
	if !reflect.DeepEqual(others, want) {
		t.Errorf("while one channel failed the others showed\n%v\nwant\n%v", others, want)
	}
	if got, want := shown(t, b.messages()), expected(t, s.log); !reflect.DeepEqual(got, want) {
		t.Errorf("in the end channels show\n%v\nwant\n%v", got, want)
	}
	if got := query(t, b, `SELECT attempts FROM deliveries WHERE channel = 'booking:bkg_evening01' ORDER BY position LIMIT 1`); !reflect.DeepEqual(got, []string{"21"}) {
		t.Errorf("the log counts %v attempts, want 21", got)
	}
}

// query returns the first column of every row as text.
func query(tb testing.TB, b *bench, text string) []string {
	tb.Helper()
	rows, err := b.db.Read.QueryContext(tb.Context(), text)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			tb.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		tb.Fatal(err)
	}
	return out
}
