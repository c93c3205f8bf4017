package ablylocal_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"testing"
	"testing/synctest"

	"github.com/royalglow/booking/internal/ablylocal"
)

// shape is a frame as text, with what differs from run to run blanked.
func shape(t *testing.T, f frame) string {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	for pattern, blank := range map[string]string{
		`\d{14}-\d{3}@[A-Z2-7]{8}`:  "SERIAL",
		`[A-Z2-7]{10}![A-Z2-7]{16}`: "KEY",
		`"[A-Z2-7]{10}((?::\d+)*)"`: `"CONN$1"`,
	} {
		text = regexp.MustCompile(pattern).ReplaceAll(text, []byte(blank))
	}
	return string(text)
}

// TestFramesOnTheWire pins the frames that clients take apart. The clock is the
// bubble's, so the times are part of it.
func TestFramesOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, connected := v.connect(t, url.Values{"clientId": {"me"}})
		want := func(f frame, golden string) {
			t.Helper()
			if got := shape(t, f); got != golden {
				t.Errorf("\n got %s\nwant %s", got, golden)
			}
		}
		want(connected, `{"action":4,"connectionDetails":{"clientId":"me","connectionKey":"KEY","connectionStateTtl":120000,"maxFrameSize":524288,"maxIdleInterval":15000,"maxInboundRate":50,"maxMessageSize":65536},"connectionId":"CONN"}`)

		want(w.attach("c", frame{"params": frame{"modes": "publish,subscribe"}}),
			`{"action":11,"channel":"c","channelSerial":"SERIAL","flags":393216,"params":{"modes":"publish,subscribe"}}`)

		w.send(frame{"action": 15, "msgSerial": 0, "channel": "c", "messages": []frame{{"name": "a", "data": "x"}, {"name": "b"}}})
		want(w.want(15), `{"action":15,"channel":"c","channelSerial":"SERIAL","connectionId":"CONN","id":"CONN:0","messages":[`+
			`{"action":0,"clientId":"me","connectionId":"CONN","data":"x","id":"CONN:0:0","name":"a","serial":"SERIAL:000","timestamp":946684800000,"version":{"serial":"SERIAL:000","timestamp":946684800000}},`+
			`{"action":0,"clientId":"me","connectionId":"CONN","id":"CONN:0:1","name":"b","serial":"SERIAL:001","timestamp":946684800000,"version":{"serial":"SERIAL:001","timestamp":946684800000}}],"timestamp":946684800000}`)
		want(w.want(1), `{"action":1,"count":1,"msgSerial":0,"res":[{"serials":["SERIAL:000","SERIAL:001"]}]}`)

		w.send(frame{"action": 15, "msgSerial": 1, "channel": ":c", "messages": []frame{{"name": "a"}}})
		want(w.want(2), `{"action":2,"count":1,"error":{"code":40010,"href":"https://help.ably.io/error/40010","message":"invalid channel name: must not start with \":\"","statusCode":400},"msgSerial":1}`)

		w.send(frame{"action": 14, "msgSerial": 2, "channel": "c", "presence": []frame{{"action": 2}}})
		want(w.want(2), `{"action":2,"count":1,"error":{"code":40000,"href":"https://help.ably.io/error/40000","message":"PRESENCE is not served by this endpoint","statusCode":400},"msgSerial":2}`)

		w.send(frame{"action": 12, "channel": "c"})
		want(w.want(13), `{"action":13,"channel":"c"}`)

		w.send(frame{"action": 7})
		want(w.want(8), `{"action":8}`)
	})
}

func TestPublishRepeatedAfterAResumeIsAcknowledgedAndNotHeardTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, connected := v.connect(t, url.Values{"echo": {"false"}})
		publish := frame{"action": 15, "msgSerial": 7, "channel": "c", "messages": []frame{{"name": "n"}}}
		w.send(publish)
		first := shape(t, w.want(1))
		_ = w.ws.CloseNow() // as if the ACK had been lost
		w, _ = v.connect(t, url.Values{"echo": {"false"}, "resume": {connected.details()["connectionKey"].(string)}})
		w.send(publish)
		if again := shape(t, w.want(1)); again != first {
			t.Errorf("answers %s and %s", first, again)
		}
		if s := v.Stats(); s.Accepted != 1 || s.Duplicates != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

// What ably-go does when it reconnects: its own suite's TestRealtimeChannel_RTL6c2_PublishEnqueue ends in a panic when the
// second of two equal messages has an answer too.
func TestAMessageSentTwiceOnOneSocketHasOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{"echo": {"false"}})
		publish := func(serial int, channel string) {
			w.send(frame{"action": 15, "msgSerial": serial, "channel": channel, "messages": []frame{{"name": "n"}}})
		}
		for serial, to := range []struct {
			channel string
			action  int // of the answer
		}{{"c", 1}, {":refused", 2}, {"c", 1}} {
			publish(serial, to.channel)
			publish(serial, to.channel)
			if got := w.want(to.action); got["msgSerial"] != float64(serial) {
				t.Errorf("answer %v, want one to %d", got, serial)
			}
		}
		publish(0, "c") // and one from before
		w.send(frame{"action": 0, "id": "last"})
		if got := w.want(0); got["id"] != "last" {
			t.Errorf("answer %v", got)
		}
		if s := v.Stats(); s.Accepted != 2 || s.Duplicates != 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestModesDecideWhatAnAttachmentMayDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{})
		const publishOnly, subscribeOnly = 1 << 17, 1 << 18
		if got := w.attach("c", frame{"flags": publishOnly}); got["flags"] != float64(publishOnly) {
			t.Errorf("attached %v", got)
		}
		w.send(frame{"action": 15, "msgSerial": 0, "channel": "c", "messages": []frame{{"name": "n"}}})
		w.want(1) // and no echo before it
		// Attached again with other modes: that always answers ATTACHED.
		if got := w.attach("c", frame{"flags": subscribeOnly}); got["flags"] != float64(subscribeOnly) {
			t.Errorf("attached %v", got)
		}
		w.send(frame{"action": 15, "msgSerial": 1, "channel": "c", "messages": []frame{{"name": "n"}}})
		if got := w.want(2); got.code() != 40165 {
			t.Errorf("answer %v", got)
		}
	})
}

func TestRewindReplaysTheTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		publishTo(t, v.Server, "c", []frame{{"name": "1"}, {"name": "2"}, {"name": "3"}})
		publishTo(t, v.Server, "c", frame{"name": "4"})
		for rewind, want := range map[string][]string{"1": {"4 "}, "3": {"2 3 ", "4 "}, "9": {"1 2 3 ", "4 "}, "30s": {"1 2 3 ", "4 "}, "0": nil, "x": nil} {
			w, _ := v.connect(t, url.Values{})
			attached := w.attach("c", frame{"params": frame{"rewind": rewind}})
			if backlog := int(attached["flags"].(float64))&2 != 0; backlog != (want != nil) {
				t.Errorf("rewind %s: flags %v", rewind, attached["flags"])
			}
			for _, text := range want {
				if got := names(w.want(15)); got != text {
					t.Errorf("rewind %s: %q, want %q", rewind, got, text)
				}
			}
			w.send(frame{"action": 0})
			w.want(0) // nothing more
		}
		// A client that attaches again has had its rewind.
		w, _ := v.connect(t, url.Values{})
		w.attach("c", frame{"params": frame{"rewind": "1"}, "flags": 1 << 5})
		w.send(frame{"action": 0})
		w.want(0)
	})
}

// TestRewindReplaysAHundredAtMost: the latest ones, and says that there would be more.
func TestRewindReplaysAHundredAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{Limits: ablylocal.LimitsOff})
		for i := range 60 {
			publishTo(t, v.Server, "c", []frame{{"name": fmt.Sprint(2 * i)}, {"name": fmt.Sprint(2*i + 1)}})
		}
		for rewind, want := range map[string]struct{ first, code int }{
			"100": {20, 0}, "101": {20, 90004}, "99": {21, 0}, "2m": {20, 90004},
		} {
			w, _ := v.connect(t, url.Values{})
			if attached := w.attach("c", frame{"params": frame{"rewind": rewind}}); attached.code() != want.code {
				t.Errorf("rewind %s: %v, want code %d", rewind, attached, want.code)
			}
			heard := ""
			for range 50 {
				heard += names(w.want(15))
			}
			expected := ""
			for i := want.first; i < 120; i++ {
				expected += fmt.Sprint(i, " ")
			}
			if heard != expected {
				t.Errorf("rewind %s: heard %s", rewind, heard)
			}
		}
		// All there is, and no more than fits, is nothing to complain of.
		for range 50 {
			publishTo(t, v.Server, "d", []frame{{"name": "a"}, {"name": "b"}})
		}
		for _, rewind := range []string{"200", "2m"} {
			w, _ := v.connect(t, url.Values{})
			if attached := w.attach("d", frame{"params": frame{"rewind": rewind}}); attached.code() != 0 {
				t.Errorf("rewind %s of a hundred: %v", rewind, attached)
			}
		}
	})
}

func TestScenario45SlowConnectionIsCutAndResumesWithoutDelayingOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{Limits: ablylocal.LimitsOff, MaxQueue: 100})
		slow, connected := v.connect(t, url.Values{})
		quick, _ := v.connect(t, url.Values{})
		serial := slow.attach("c", nil)["channelSerial"]
		quick.attach("c", nil)
		heard := make(chan int, 1)
		go func() {
			n := 0
			for n < 500 && quick.next() != nil {
				n++
			}
			heard <- n
		}()
		// Nobody reads on slow's side of the pipe; nothing of this waits for it.
		for range 500 {
			publishTo(t, v.Server, "c", frame{"name": "n"})
			synctest.Wait()
		}
		if n := <-heard; n != 500 {
			t.Errorf("the quick one heard %d", n)
		}
		if s := v.Stats(); s.Overflowed == 0 || s.Connections != 1 {
			t.Errorf("the slow one was not cut: %+v", s)
		}
		slow, again := v.connect(t, url.Values{"resume": {connected.details()["connectionKey"].(string)}})
		if again["connectionId"] != connected["connectionId"] {
			t.Errorf("not resumed: %v", again)
		}
		if attached := slow.attach("c", frame{"channelSerial": serial}); int(attached["flags"].(float64))&4 == 0 {
			t.Errorf("not RESUMED: %v", attached)
		}
		for range 500 {
			slow.want(15)
		}
	})
}

func TestFaultsComeBeforeTheEndpoint(t *testing.T) {
	s := newServer(t, ablylocal.Config{Faults: refuseEverySecond()})
	if a, b := publishTo(t, s, "c", frame{"name": "n"}), publishTo(t, s, "c", frame{"name": "n"}); a.status != 201 || b.status != 503 {
		t.Errorf("answers %d, %d", a.status, b.status)
	}
	if s := s.Stats(); s.Requests != 1 || s.Accepted != 1 {
		t.Errorf("stats %+v", s)
	}
}
