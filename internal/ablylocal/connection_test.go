package ablylocal_test

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/royalglow/booking/internal/ablylocal"
)

func TestSilentConnectionsAreKeptAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, connected := v.connect(t, url.Values{"heartbeats": {"true"}})
		promised := time.Duration(connected.details()["maxIdleInterval"].(float64)) * time.Millisecond
		if promised != 15*time.Second {
			t.Errorf("promised silence %v", promised)
		}
		for range 5 {
			before := time.Now()
			w.want(0)
			if silence := time.Since(before); silence > promised {
				t.Errorf("silent for %v", silence)
			}
		}
	})
}

func TestSilentConnectionsArePingedWhenHeartbeatsAreOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{"heartbeats": {"false"}})
		go func() {
			<-time.After(time.Minute)
			call(t, v.Server, "POST", "/channels/c/messages", frame{"name": "n"})
		}()
		w.attach("c", nil)
		// Reading answers the pings. Had one gone unanswered, the server would have
		// cut; had a HEARTBEAT come, this would not be the message.
		w.want(15)
	})
}

func TestUnansweredPingsEndTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		v.connect(t, url.Values{"heartbeats": {"false"}})
		<-time.After(30 * time.Second) // nobody reads, so nobody answers
		if n := v.Stats().Connections; n != 0 {
			t.Errorf("%d connections are open", n)
		}
	})
}

func TestClientHeartbeatsAreAnsweredWithTheirID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{})
		w.send(frame{"action": 0, "id": "ping-1"})
		if got := w.want(0); got["id"] != "ping-1" {
			t.Errorf("answer %v", got)
		}
	})
}

func TestConnectionResumesWithinTwoMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, connected := v.connect(t, url.Values{})
		attached := w.attach("c", nil)
		call(t, v.Server, "POST", "/channels/c/messages", frame{"name": "before"})
		serial := w.want(15)["channelSerial"]
		if !strings.Contains(fmt.Sprint(attached["channelSerial"]), "@") || fmt.Sprint(serial) <= fmt.Sprint(attached["channelSerial"]) {
			t.Errorf("serials do not rise: %v, %v", attached["channelSerial"], serial)
		}
		_ = w.ws.CloseNow()
		call(t, v.Server, "POST", "/channels/c/messages", []frame{{"name": "gap 1"}, {"name": "gap 2"}})
		<-time.After(119 * time.Second)

		key := connected.details()["connectionKey"].(string)
		w, again := v.connect(t, url.Values{"resume": {key}})
		if again["connectionId"] != connected["connectionId"] || again.code() != 0 {
			t.Errorf("not resumed: %v", again)
		}
		if again.details()["connectionKey"] == key {
			t.Error("the connection key has not changed")
		}
		attached = w.attach("c", frame{"channelSerial": serial})
		if flags := int(attached["flags"].(float64)); flags&(1<<2) == 0 || attached.code() != 0 {
			t.Errorf("not RESUMED: %v", attached)
		}
		if got := names(w.want(15)); got != "gap 1 gap 2 " {
			t.Errorf("replayed %q", got)
		}
	})
}

func TestConnectionIsLostAfterTwoMinutes(t *testing.T) {
	for _, window := range []time.Duration{0, time.Second} { // the default, and a shorter one
		lostAfter(t, window, cmp.Or(window, 2*time.Minute))
	}
}

func lostAfter(t *testing.T, configured, window time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{Window: configured})
		w, connected := v.connect(t, url.Values{})
		serial := w.attach("c", nil)["channelSerial"]
		_ = w.ws.CloseNow()
		call(t, v.Server, "POST", "/channels/c/messages", frame{"name": "gap"})
		if ttl := connected.details()["connectionStateTtl"]; ttl != float64(window.Milliseconds()) {
			t.Errorf("connections are said to be kept for %v ms", ttl)
		}
		<-time.After(window + time.Millisecond)

		w, again := v.connect(t, url.Values{"resume": {connected.details()["connectionKey"].(string)}})
		if again["connectionId"] == connected["connectionId"] || again.code() != 80008 {
			t.Errorf("resumed after all: %v", again)
		}
		attached := w.attach("c", frame{"channelSerial": serial})
		if flags := int(attached["flags"].(float64)); flags&(1<<2) != 0 || attached.code() != 90003 {
			t.Errorf("continuity claimed: %v", attached)
		}
	})
}

func TestConnectionKeysOfOthersDoNotResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		_, connected := v.connect(t, url.Values{})
		id := connected["connectionId"].(string)
		for key, code := range map[string]int{"nonsense": 80018, "!": 80018, id + "!guess": 80018, "unknown!key": 80008} {
			_, again := v.connect(t, url.Values{"resume": {key}})
			if again["connectionId"] == id || again.code() != code {
				t.Errorf("key %q: %v", key, again)
			}
		}
		// The right key with another client's credentials.
		_, again := v.connect(t, url.Values{"resume": {connected.details()["connectionKey"].(string)}, "clientId": {"other"}})
		if again["connectionId"] == id || again.code() != 80018 {
			t.Errorf("another client resumed: %v", again)
		}
	})
}

// TestARecoveredConnectionIsNotTakenBack: the client that had it gets a connection of its
// own, and the one that recovered it may still repeat what it was not answered.
func TestARecoveredConnectionIsNotTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		earlier, connected := v.connect(t, url.Values{})
		key := connected.details()["connectionKey"].(string)
		for range 2 {
			if _, again := v.connect(t, url.Values{"recover": {key}}); again["connectionId"] != connected["connectionId"] || again.code() != 0 {
				t.Errorf("recovered: %v", again)
			}
		}
		if earlier.next() != nil {
			t.Error("the earlier socket is still open")
		}
		if _, back := v.connect(t, url.Values{"resume": {key}}); back["connectionId"] == connected["connectionId"] || back.code() != 80018 {
			t.Errorf("taken back: %v", back)
		}
	})
}

func TestClosedConnectionCannotBeResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, connected := v.connect(t, url.Values{})
		w.send(frame{"action": 7})
		w.want(8)
		if w.next() != nil {
			t.Error("a frame after CLOSED")
		}
		_, again := v.connect(t, url.Values{"resume": {connected.details()["connectionKey"].(string)}})
		if again.code() != 80008 {
			t.Errorf("resumed: %v", again)
		}
	})
}

func TestExpiryDisconnectsAtTheSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		token := signJWT(t, jwtClaims(`{"*":["*"]}`, "", time.Minute))
		w, _ := v.connect(t, url.Values{"access_token": {token}})
		began := time.Now()
		w.want(0)
		w.want(0)
		w.want(17)
		if asked := time.Since(began); asked != 30*time.Second {
			t.Errorf("renewal asked for after %v", asked)
		}
		w.want(0)
		w.want(0)
		if gone := w.want(6); gone.code() != 40142 || time.Since(began) != time.Minute {
			t.Errorf("%v after %v", gone, time.Since(began))
		}
		if w.next() != nil {
			t.Error("a frame after DISCONNECTED")
		}
	})
}

func TestNarrowedTokenFailsWhatItNoLongerAllows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, connected := v.connect(t, url.Values{"access_token": {signJWT(t, jwtClaims(`{"a":["subscribe"],"b":["subscribe"]}`, "u", time.Hour))}})
		w.attach("a", nil)
		w.attach("b", nil)
		w.send(frame{"action": 17, "auth": frame{"accessToken": signJWT(t, jwtClaims(`{"a":["subscribe"]}`, "u", time.Hour))}})
		if again := w.want(4); again["connectionId"] != connected["connectionId"] {
			t.Errorf("another connection: %v", again)
		}
		if failed := w.want(9); failed["channel"] != "b" || failed.code() != 40160 {
			t.Errorf("failed %v", failed)
		}
		call(t, v.Server, "POST", "/messages", frame{"channels": []string{"a", "b"}, "messages": frame{"name": "n"}})
		if got := w.want(15); got["channel"] != "a" {
			t.Errorf("heard %v", got)
		}
		// A token of someone else ends the connection.
		w.send(frame{"action": 17, "auth": frame{"accessToken": signJWT(t, jwtClaims(`{"a":["subscribe"]}`, "v", time.Hour))}})
		if failed := w.want(9); failed["channel"] != nil || failed.code() != 40102 {
			t.Errorf("failed %v", failed)
		}
	})
}

func TestWrongNewTokenIsFinal(t *testing.T) {
	for token, code := range map[string]int{"made:up": 40101, "a.b.c": 40101, "app.bm90aGluZw": 40101, "": 40101} {
		synctest.Test(t, func(t *testing.T) {
			v := newVirtual(t, ablylocal.Config{})
			w, _ := v.connect(t, url.Values{})
			w.send(frame{"action": 17, "auth": frame{"accessToken": token}})
			if failed := w.want(9); failed.code() != code || w.next() != nil {
				t.Errorf("token %q: %v", token, failed)
			}
		})
	}
}

func TestMalformedFramesEndTheConnectionWithAnError(t *testing.T) {
	for name, text := range map[string]string{
		"not json": `{`, "wrong type": `{"action":"x"}`, "message without serial": `{"action":15,"channel":"c"}`, "trailing": `{"action":0}{}`,
		"attach to nothing": `{"action":10}`, "attach to an empty name": `{"action":10,"channel":""}`, "detach from nothing": `{"action":12}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newVirtual(t, ablylocal.Config{})
				w, _ := v.connect(t, url.Values{})
				if err := w.ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
					t.Fatalf("write: %v", err)
				}
				failed := w.want(9)
				if _, has := failed["channel"]; has || failed.code()/100 != 400 {
					t.Errorf("answer %v", failed)
				}
				if w.next() != nil {
					t.Error("a frame after ERROR")
				}
			})
		})
	}
}

func TestShutdownDisconnectsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVirtual(t, ablylocal.Config{})
		w, _ := v.connect(t, url.Values{})
		drained := make(chan error, 1)
		go func() { drained <- v.Drain(t.Context()) }()
		if gone := w.want(6); gone.code() != 80003 {
			t.Errorf("disconnected with %v", gone)
		}
		if w.next() != nil {
			t.Error("a frame after DISCONNECTED")
		}
		if err := <-drained; err != nil {
			t.Errorf("drain: %v", err)
		}
	})
}

// names lists the messages of a frame.
func names(f frame) string {
	out := ""
	list, _ := f["messages"].([]any)
	for _, m := range list {
		out += fmt.Sprint(m.(map[string]any)["name"], " ")
	}
	return out
}
