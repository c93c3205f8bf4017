package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
	"github.com/royalglow/booking/publishers/deliverytest"
)

const (
	fullChannel = "customer:usr_customer001:bookings"
	deskChannel = "admin:bookings:" + testBranch
)

// ran is a program that must have succeeded.
func ran(tb testing.TB, args ...string) string {
	tb.Helper()
	got := runProgram(tb.Context(), tb, nil, args...)
	if got.code != exitOK || got.stderr != "" {
		tb.Fatalf("%q: exit %d, %q, %q", args, got.code, got.stdout, got.stderr)
	}
	return got.stdout
}

// inJSON runs a program that prints one line of JSON.
func inJSON(tb testing.TB, v any, args ...string) {
	tb.Helper()
	text := ran(tb, append(args, "-json")...)
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		tb.Errorf("%q prints %q", args, text)
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		tb.Fatalf("%q: %v", args, err)
	}
}

// fails runs programs that must fail, in one sentence that says something.
func fails(tb testing.TB, code int, says string, args ...string) {
	tb.Helper()
	got := runProgram(tb.Context(), tb, nil, args...)
	if got.code != code || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 || !strings.Contains(got.stderr, says) {
		tb.Errorf("%q: exit %d, %q, %q; want exit %d and %q", args, got.code, got.stdout, got.stderr, code, says)
	}
}

func parkedOn(tb testing.TB, dir string) []publishers.Parked {
	tb.Helper()
	var list parkedList
	inJSON(tb, &list, "deliveries", "parked", "-data", dir)
	return list.Parked
}

// until waits for something that the engine does by itself.
func until(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		if time.Now().After(deadline) {
			tb.Fatalf("not in time: %s", what)
		}
		<-tick.C
	}
}

// listenTo hears what is said on the two channels of a customer's booking.
func listenTo(tb testing.TB, ably *demoAbly) *deliverytest.Ear {
	tb.Helper()
	ear, err := deliverytest.Listen(tb.Context(), ably.addr.String(), ably.server.Key(), []string{fullChannel, deskChannel})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { ear.Close(tb.Context()) })
	return ear
}

func heard(tb testing.TB, ear *deliverytest.Ear) map[string][]deliverytest.Message {
	tb.Helper()
	all, err := ear.Heard()
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// TestOperatorsRedriveAChannel lets the service refuse everything on one channel: others go on, the engine stays ready, and what waits is
// sent in order once an operator says so, at a running engine.
func TestOperatorsRedriveAChannel(t *testing.T) {
	t.Parallel()
	dir, ably := t.TempDir(), startAbly(t.Context(), t)
	ably.server.Switches().OnPublish(func([]string) ablylocal.PublishFault {
		return ablylocal.PublishFault{
			Kind: ablylocal.FaultPartial, Code: ablylocal.CodeMessageTooLarge, Channels: func(name string) bool { return name == fullChannel },
		}
	})
	ear := listenTo(t, ably)
	e := startEngine(t, func(c *Config) {
		c.DataDir, c.AblyKey, c.AblyEndpoint = dir, ably.server.Key(), ably.addr.String()
	}, nil)
	staff := e.openSalon(t)
	if text := ran(t, "deliveries", "parked", "-data", dir); text != "Nothing is parked.\n" {
		t.Errorf("at first: %q", text)
	}
	fails(t, exitFailed, "nothing like that is parked", "deliveries", "redrive", "-all", "-data", dir)
	book := func(hour int) {
		e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(staff[0], hour)).want(t, http.StatusCreated)
	}
	book(10)
	until(t, "parked", func() bool { return len(parkedOn(t, dir)) == 1 })
	book(12)
	until(t, "the next one waits behind it", func() bool { return parkedOn(t, dir)[0].Messages == 2 })
	until(t, "the desk hears of both", func() bool { return len(heard(t, ear)[deskChannel]) >= 2 })
	if p := parkedOn(t, dir)[0]; p.Channel != fullChannel || p.Why != "refused" || p.Code != int(ablylocal.CodeMessageTooLarge) || p.First >= p.Last {
		t.Errorf("parked: %+v", p)
	}
	if text := ran(t, "deliveries", "parked", "-data", dir); !strings.Contains(text, "CHANNEL") || !strings.Contains(text, "refused, 40009: ") {
		t.Errorf("in words: %q", text)
	}
	ready := e.callWith(t, opsToken(t, dir), http.MethodGet, "/readyz", nil).want(t, http.StatusOK)
	if ready.text("realtime") == "" || !strings.Contains(ready.text("realtimeDetail"), "channels that are parked: 1") {
		t.Errorf("/readyz: %v", ready.body)
	}

	if text := ran(t, "deliveries", "redrive", "-all", "-dry-run", "-data", dir); !strings.Contains(text, "2 messages on 1 channel would be sent.\n") {
		t.Errorf("a dry run: %q", text)
	}
	fails(t, exitFailed, "nothing like that is parked", "deliveries", "redrive", deskChannel, "-data", dir)
	for _, why := range []string{"attempts", "unreadable"} {
		fails(t, exitFailed, "nothing like that is parked", "deliveries", "redrive", "-why", why, "-data", dir)
	}
	if now := parkedOn(t, dir); len(now) != 1 || now[0].Messages != 2 || len(heard(t, ear)[fullChannel]) != 0 {
		t.Errorf("before the redrive: %+v", now)
	}
	ably.server.Switches().OnPublish(nil)
	if n := ably.server.Switches().Count(ablylocal.FaultPartial); n == 0 {
		t.Error("nothing was refused: the test proves nothing")
	}
	var done publishers.Redriven
	inJSON(t, &done, "deliveries", "redrive", fullChannel, "-data", dir)
	if done.DryRun || done.Messages != 2 || len(done.Channels) != 1 || done.Channels[0].Channel != fullChannel {
		t.Errorf("%+v", done)
	}
	until(t, "the customer hears of both", func() bool { return len(heard(t, ear)[fullChannel]) == 2 })
	if got := heard(t, ear)[fullChannel]; got[0].Position >= got[1].Position || got[0].Name != "resync" {
		t.Errorf("heard %+v", got)
	}
	until(t, "the log has it", func() bool {
		return len(deliveredTo(t, dir, "-channel", fullChannel, "-outcome", "parked").Deliveries) == 0
	})
	fails(t, exitFailed, "nothing like that is parked", "deliveries", "redrive", fullChannel, "-data", dir)
}

// opsToken is that of the engine on a folder.
func opsToken(tb testing.TB, dir string) string {
	tb.Helper()
	file, _, err := readEngineFile(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return file.OpsToken
}

// TestOperatorsReplayARange hears what was heard before a second time, marked, in the same order and under other ids.
func TestOperatorsReplayARange(t *testing.T) {
	t.Parallel()
	dir, ably := t.TempDir(), startAbly(t.Context(), t)
	ear := listenTo(t, ably)
	e := startEngine(t, func(c *Config) {
		c.DataDir, c.AblyKey, c.AblyEndpoint = dir, ably.server.Key(), ably.addr.String()
	}, nil)
	staff := e.openSalon(t)
	var id string
	for _, hour := range []int{10, 12, 14} {
		id = e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(staff[0], hour)).want(t, http.StatusCreated).text("id")
	}
	eventuallyDelivered(t, dir, id)
	until(t, "the ear has heard it", func() bool { return len(heard(t, ear)[fullChannel]) == 3 && len(heard(t, ear)[deskChannel]) >= 3 })
	first := heard(t, ear)
	end := head(t, e)
	all := []string{"deliveries", "replay", "-from", "1", "-to", fmt.Sprint(end), "-data", dir}

	var dry publishers.Replaying
	inJSON(t, &dry, append(all, "-dry-run")...)
	if !dry.DryRun || dry.ID != "" || dry.Messages < 6 || dry.Channels < 2 || dry.Events == 0 {
		t.Errorf("a dry run: %+v", dry)
	}
	words := ran(t, append(all, "-dry-run", "-channel", fullChannel)...)
	if words != fmt.Sprintf("3 messages of %d events on 1 channel would be sent again.\n", dry.Events) {
		t.Errorf("a dry run: %q", words)
	}
	for channel, before := range first {
		if now := heard(t, ear)[channel]; len(now) != len(before) {
			t.Errorf("a dry run has sent something on %s", channel)
		}
	}

	// A range may begin at an event, and where there is none.
	second := first[fullChannel][1].Position
	for from, want := range map[eventstore.Position]int{second - 1: 2, second: 2, second + 1: 1} {
		var part publishers.Replaying
		inJSON(t, &part, "deliveries", "replay", "-from", fmt.Sprint(from), "-to", fmt.Sprint(end), "-channel", fullChannel, "-dry-run", "-data", dir)
		if part.Messages != want {
			t.Errorf("from %d, the second booking is at %d: %d messages, want %d", from, second, part.Messages, want)
		}
	}

	var done publishers.Replaying
	inJSON(t, &done, all...)
	if done.FinishedAt.IsZero() || done.Messages != dry.Messages || done.Refused != 0 || done.Reached != end || done.RequestedBy == "" {
		t.Errorf("%+v, of %+v", done, dry)
	}
	for channel, before := range first {
		until(t, "everything is heard again on "+channel, func() bool { return len(heard(t, ear)[channel]) == 2*len(before) })
		for i, m := range heard(t, ear)[channel][len(before):] {
			if was := before[i]; m.Key != was.Key || m.Name != was.Name || m.EventID != was.EventID || !m.Redelivery || was.Redelivery || m.ID == was.ID {
				t.Errorf("%+v\nwas %+v", m, was)
			}
		}
	}
	if words := ran(t, append(all, "-channel", fullChannel)...); !strings.HasSuffix(words, " on 1 channel were sent again.\n") {
		t.Errorf("in words: %q", words)
	}
	if words := ran(t, append(all, "-channel", fullChannel, "-no-wait")...); !strings.HasSuffix(words, " on 1 channel are being sent again.\n") {
		t.Errorf("in words: %q", words)
	}
	until(t, "it is heard four times on one channel", func() bool { return len(heard(t, ear)[fullChannel]) == 4*3 })
	if n := len(heard(t, ear)[deskChannel]); n != 2*len(first[deskChannel]) {
		t.Errorf("%d messages on another channel", n)
	}
	last := []string{"deliveries", "replay", "-from", fmt.Sprint(second + 1), "-to", fmt.Sprint(end), "-data", dir}
	if words := ran(t, append(last, "-channel", fullChannel)...); !strings.HasPrefix(words, "1 message of ") {
		t.Errorf("the last one: %q", words)
	}
	until(t, "it is heard once more", func() bool { return len(heard(t, ear)[fullChannel]) == 4*3+1 })
	fails(t, exitFailed, fmt.Sprintf("the log ends at %d", end), "deliveries", "replay", "-from", "1", "-to", fmt.Sprint(end+1), "-data", dir)
	fails(t, exitFailed, "has no message", append(all, "-channel", "nobody")...)
	fails(t, exitFailed, "must be the name of a channel", append(all, "-channel", "a*")...)
}

// head is the position of the last event of an engine that nobody uses at the moment.
func head(tb testing.TB, e *runningEngine) eventstore.Position {
	tb.Helper()
	at, err := e.store.Head(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return at
}

// TestOperatorsRedriveWithoutAnEngine: what is parked is in the database, and the next engine sends it. A replay needs one.
func TestOperatorsRedriveWithoutAnEngine(t *testing.T) {
	t.Parallel()
	dir, ably := t.TempDir(), startAbly(t.Context(), t)
	ably.server.Switches().OnPublish(func([]string) ablylocal.PublishFault {
		return ablylocal.PublishFault{
			Kind: ablylocal.FaultPartial, Code: ablylocal.CodeMessageTooLarge, Channels: func(name string) bool { return name == fullChannel },
		}
	})
	with := func(c *Config) { c.DataDir, c.AblyKey, c.AblyEndpoint = dir, ably.server.Key(), ably.addr.String() }
	t.Run("park", func(t *testing.T) {
		e := startEngine(t, with, nil)
		staff := e.openSalon(t)
		e.call(t, customer("usr_customer001"), http.MethodPost, "/api/bookings", wish(staff[0], 10)).want(t, http.StatusCreated)
		until(t, "parked", func() bool { return len(parkedOn(t, dir)) == 1 })
	})
	ably.server.Switches().OnPublish(nil)
	if now := parkedOn(t, dir); len(now) != 1 || now[0].Messages != 1 {
		t.Errorf("parked: %+v", now)
	}
	fails(t, exitFailed, "a replay needs a running engine", "deliveries", "replay", "-from", "1", "-to", "2", "-data", dir)
	fails(t, exitFailed, "nothing like that is parked", "deliveries", "redrive", "customer:usr_nobody0001:bookings", "-data", dir)
	if text := ran(t, "deliveries", "redrive", "-why", "refused", "-data", dir); text != "1 message on 1 channel is sent as soon as an engine runs.\n" {
		t.Errorf("in words: %q", text)
	}
	ear := listenTo(t, ably)
	startEngine(t, with, nil)
	until(t, "the next engine sends it", func() bool { return len(heard(t, ear)[fullChannel]) == 1 })
}

func TestARedriveOrReplayOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tt := range []struct {
		says string
		args []string
	}{
		{"say one of these", []string{"redrive"}},
		{"say one of these", []string{"redrive", "-dry-run"}},
		{"say one of these", []string{"redrive", fullChannel, "-all"}},
		{"say one of these", []string{"redrive", "-all", "-why", "refused"}},
		{"one of refused, attempts", []string{"redrive", "-why", "luck"}},
		{"give a channel", []string{"redrive", "a", "b"}},
		{"the range is reversed", []string{"replay", "-from", "3", "-to", "2"}},
		{"positions begin at 1", []string{"replay", "-from", "0", "-to", "2"}},
		{"from", []string{"replay", "-to", "2"}},
		{"to", []string{"replay", "-from", "2"}},
		{"invalid", []string{"replay", "-from", "-1", "-to", "2"}},
		{"surplus", []string{"replay", "-from", "1", "-to", "2", "surplus"}},
		{"surplus", []string{"parked", "surplus"}},
	} {
		args := slices.Concat([]string{"deliveries"}, tt.args, []string{"-data", dir})
		fails(t, exitUsage, tt.says, args...)
	}
}
