package ablylocal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/royalglow/booking/internal/ablylocal"
)

func TestWhatIsNotServedIsRefusedWithACode(t *testing.T) {
	s := newServer(t, ablylocal.Config{Limits: ablylocal.LimitsOff})
	big := strings.Repeat("x", 65_536)
	huge := strings.Repeat("x", 2<<20)
	for _, c := range []struct {
		method, path string
		body         any
		headers      []string
		status, code int
	}{
		{"GET", "/", nil, nil, 404, 40400},
		{"GET", "/nothing", nil, nil, 404, 40400},
		{"DELETE", "/channels/c/messages", nil, nil, 404, 40400},
		{"GET", "/channels/c", nil, nil, 404, 40400},
		{"GET", "/channels/c/presence", nil, nil, 404, 40400},
		{"POST", "/channels/c/d/messages", frame{}, nil, 404, 40400},
		{"POST", "/channels//messages", frame{"name": "n"}, nil, 400, 40010},
		{"POST", "/channels/:c/messages", frame{"name": "n"}, nil, 400, 40010},
		{"POST", "/channels/%5Bmeta%5Dlog/messages", frame{"name": "n"}, nil, 400, 40010},
		{"POST", "/channels/a%0Ab/messages", frame{"name": "n"}, nil, 400, 40010},
		{"POST", "/channels/a*:b/messages", frame{"name": "n"}, nil, 400, 40010},
		{"POST", "/channels/" + strings.Repeat("c", 2049) + "/messages", frame{"name": "n"}, nil, 400, 40010},
		{"POST", "/channels/a%2Fb%3Fc%25/messages", frame{"name": "n"}, nil, 201, 0},
		{"POST", "/channels/c/messages", "", nil, 400, 40001},
		{"POST", "/channels/c/messages", "[]", nil, 400, 40001},
		{"POST", "/channels/c/messages", "{", nil, 400, 40001},
		{"POST", "/channels/c/messages", "{}{}", nil, 400, 40001},
		{"POST", "/channels/c/messages", frame{"name": 1}, nil, 400, 40001},
		{"POST", "/channels/c/messages", frame{"data": 1}, nil, 400, 40013},
		{"POST", "/channels/c/messages", frame{"data": true}, nil, 400, 40013},
		{"POST", "/channels/c/messages", frame{"extras": []int{1}}, nil, 400, 40032},
		{"POST", "/channels/c/messages", frame{"action": 1, "serial": "s"}, nil, 400, 93002},
		{"POST", "/channels/c/messages", frame{"data": big}, nil, 201, 0},
		{"POST", "/channels/c/messages", frame{"data": big, "name": "n"}, nil, 413, 40009},
		{"POST", "/channels/c/messages", frame{"data": huge}, nil, 413, 40009},
		{"POST", "/channels/c/messages", []frame{{"data": big[1:]}, {"data": "xx"}}, nil, 413, 40009},
		{"POST", "/channels/c/messages", []frame{{"id": "a:0"}, {"name": "no id"}}, nil, 400, 40031},
		{"POST", "/channels/c/messages", []frame{{"id": "a:1"}, {"id": "a:0"}}, nil, 400, 40031},
		{"POST", "/channels/c/messages", []frame{{"id": ":0"}, {"id": ":1"}}, nil, 400, 40031},
		{"POST", "/channels/c/messages", frame{"id": "free form"}, nil, 201, 0},
		{"POST", "/channels/c/messages", "name=n", []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, 40004},
		{"POST", "/channels/c/messages", "{}", []string{"Content-Type", ""}, 400, 40004},
		{"POST", "/channels/c/messages", "{}", []string{"Content-Type", "application/json; charset=utf-8"}, 201, 0},
		{"GET", "/channels/c/history?direction=up", nil, nil, 400, 40003},
		{"GET", "/channels/c/history?limit=0", nil, nil, 400, 40003},
		{"GET", "/channels/c/history?limit=1001", nil, nil, 400, 40003},
		{"GET", "/channels/c/history?start=yesterday", nil, nil, 400, 40003},
		{"GET", "/channels/unused/history", nil, nil, 200, 0},
		{"GET", "/time", nil, []string{"Authorization", ""}, 200, 0},
		{"GET", "/stats", nil, nil, 200, 0},
		{"GET", "/stats", nil, []string{"Authorization", ""}, 401, 40101},
		{"POST", "/messages", "[]", nil, 400, 40001},
		{"POST", "/messages", frame{"channels": []string{}, "messages": frame{}}, nil, 400, 40001},
		{"POST", "/messages", frame{"channels": manyChannels(101), "messages": frame{}}, nil, 400, 90010},
		{"POST", "/messages", frame{"channels": manyChannels(100), "messages": frame{}}, nil, 201, 0},
	} {
		got := call(t, s, c.method, c.path, c.body, c.headers...)
		if got.status != c.status || got.code() != c.code {
			t.Errorf("%s %.60s %.60v: %d %.200s, want %d and code %d", c.method, c.path, c.body, got.status, got.body, c.status, c.code)
		}
		if header := got.header.Get("X-Ably-Errorcode"); c.code != 0 && header != fmt.Sprint(c.code) {
			t.Errorf("%s %.60s: X-Ably-Errorcode %q", c.method, c.path, header)
		}
	}
}

func manyChannels(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint("c", i)
	}
	return out
}

func TestBatchAnswersInTheFormOfTheProtocolVersion(t *testing.T) {
	s := newServer(t, ablylocal.Config{Limits: ablylocal.LimitsOff})
	good := frame{"channels": []string{"a", "b"}, "messages": frame{"id": "x", "name": "n"}}
	bad := frame{"channels": []string{"a", ":b"}, "messages": frame{"id": "y", "name": "n"}}
	for _, c := range []struct {
		version string
		body    any
		status  int
		want    string
	}{
		{"2", good, 201, `[{"channel":"a","messageId":"x","serials":["?"]},{"channel":"b","messageId":"x","serials":["?"]}]`},
		{"5", good, 201, `[{"successCount":2,"failureCount":0,"results":[{"channel":"a","messageId":"x","serials":["?"]},{"channel":"b","messageId":"x","serials":["?"]}]}]`},
		{"2", bad, 400, `{"error":{"code":40020,"statusCode":400,"message":"batched operation failed on 1 of 2 channels","href":"https://help.ably.io/error/40020"},"batchResponse":[{"channel":"a","messageId":"y","serials":["?"]},{"channel":":b","error":{"code":40010,"statusCode":400,"message":"invalid channel name: must not start with \":\"","href":"https://help.ably.io/error/40010"}}]}`},
		{"6", bad, 201, `[{"successCount":1,"failureCount":1,"results":[{"channel":"a","messageId":"y","serials":["?"]},{"channel":":b","error":{"code":40010,"statusCode":400,"message":"invalid channel name: must not start with \":\"","href":"https://help.ably.io/error/40010"}}]}]`},
	} {
		got := call(t, s, "POST", "/messages", c.body, "X-Ably-Version", c.version)
		if text := blankSerials(t, got.body); got.status != c.status || text != c.want {
			t.Errorf("version %s: %d\n got %s\nwant %s", c.version, got.status, text, c.want)
		}
	}
	over := make([]frame, 1001)
	for i := range over {
		over[i] = frame{"name": "n"}
	}
	got := call(t, s, "POST", "/messages", frame{"channels": "a", "messages": over})
	var results []batchResult
	if err := json.Unmarshal(got.body, &results); err != nil || results[0].Results[0].Error.Code != 40034 {
		t.Errorf("1001 messages in a spec: %s", got.body)
	}
}

// blankSerials replaces serials, which differ from run to run.
func blankSerials(t *testing.T, body []byte) string {
	t.Helper()
	parts := strings.Split(string(body), `"serials":["`)
	for i := 1; i < len(parts); i++ {
		_, rest, _ := strings.Cut(parts[i], `"`)
		parts[i] = `?"` + rest
	}
	return strings.Join(parts, `"serials":["`)
}

func TestBinaryTravelsBetweenTheFormats(t *testing.T) {
	s := newServer(t, ablylocal.Config{})
	body, err := msgpack.Marshal(map[string]any{"name": "n", "data": []byte{0, 255}, "size": 2, "encoding": "cipher+aes"})
	if err != nil {
		t.Fatal(err)
	}
	got := call(t, s, "POST", "/channels/c/messages", string(body), "Content-Type", "application/x-msgpack", "Accept", "application/x-msgpack")
	if got.status != 201 || got.header.Get("Content-Type") != "application/x-msgpack" {
		t.Fatalf("%d %v", got.status, got.header)
	}
	var asJSON []map[string]any
	page := call(t, s, "GET", "/channels/c/messages", nil)
	if err := json.Unmarshal(page.body, &asJSON); err != nil || asJSON[0]["data"] != "AP8=" || asJSON[0]["encoding"] != "cipher+aes/base64" || asJSON[0]["size"] != nil {
		t.Errorf("as json: %s", page.body)
	}
	var asMsgpack []map[string]any
	page = call(t, s, "GET", "/channels/c/messages", nil, "Accept", "application/x-msgpack")
	if err := msgpack.Unmarshal(page.body, &asMsgpack); err != nil || !bytes.Equal(asMsgpack[0]["data"].([]byte), []byte{0, 255}) || asMsgpack[0]["encoding"] != "cipher+aes" {
		t.Errorf("as msgpack: %v", asMsgpack)
	}
}

// TestStatsAreAnEmptyList in both formats: clients ask for them to try a credential.
func TestStatsAreAnEmptyList(t *testing.T) {
	s := newServer(t, ablylocal.Config{})
	for media, want := range map[string]string{"application/json": "[]", "application/x-msgpack": "\x90"} {
		if got := call(t, s, "GET", "/stats", nil, "Accept", media); got.status != 200 || strings.TrimSpace(string(got.body)) != want {
			t.Errorf("%s: %d %q", media, got.status, got.body)
		}
	}
}

func TestPagesOfOtherOriginsMayCallAndReadErrors(t *testing.T) {
	s := newServer(t, ablylocal.Config{})
	ask := call(t, s, "OPTIONS", "/channels/c/messages", nil, "Origin", "http://page.test", "Authorization", "",
		"Access-Control-Request-Method", "POST")
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin":      "http://page.test",
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Methods":     "POST",
		"Access-Control-Allow-Headers":     "X-Ably-Version",
	} {
		if got := ask.header.Get(name); ask.status != http.StatusNoContent || !strings.Contains(got, want) {
			t.Errorf("preflight %d, %s: %q", ask.status, name, got)
		}
	}
	got := call(t, s, "POST", "/channels/c/messages", "{", "Origin", "http://page.test")
	if exposed := got.header.Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "X-Ably-Errorcode") || !strings.Contains(exposed, "Link") {
		t.Errorf("exposed headers %q", exposed)
	}
}

func TestListenersOfOtherMachinesAreRefusedUnlessAskedFor(t *testing.T) {
	ln, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	err = newServer(t, ablylocal.Config{}).Run(t.Context(), ln)
	if _, ok := errors.AsType[*ablylocal.ExposedError](err); !ok {
		t.Errorf("run: %v", err)
	}
	if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is still open: %v", err)
	}
}

func TestHistoryPagesCoverTheWindowOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		// rapid has no bubble of its own; the clock is injected.
		now := time.UnixMilli(1_700_000_000_000)
		s := newServer(t, ablylocal.Config{Limits: ablylocal.LimitsOff, Now: func() time.Time { return now }})
		var published []string
		for i := range rapid.IntRange(0, 12).Draw(rt, "arrays") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40_000).Draw(rt, "pause")) * time.Millisecond)
			var array []frame
			for j := range rapid.IntRange(1, 4).Draw(rt, "size") {
				name := fmt.Sprint(i, ".", j)
				array = append(array, frame{"name": name})
				published = append(published, fmt.Sprint(now.UnixMilli(), " ", name))
			}
			call(t, s, "POST", "/channels/c/messages", array)
		}
		var want []string
		for _, line := range published {
			stamp, name, _ := strings.Cut(line, " ")
			if oldest := now.Add(-2 * time.Minute).UnixMilli(); stamp >= fmt.Sprint(oldest) {
				want = append(want, name)
			}
		}
		direction := rapid.SampledFrom([]string{"forwards", "backwards"}).Draw(rt, "direction")
		path := fmt.Sprintf("/channels/c/history?limit=%d&direction=%s", rapid.IntRange(1, 7).Draw(rt, "limit"), direction)
		var got []string
		for path != "" {
			page := call(t, s, "GET", path, nil)
			var messages []struct{ Name string }
			if err := json.Unmarshal(page.body, &messages); err != nil {
				rt.Fatalf("%d %s", page.status, page.body)
			}
			for _, m := range messages {
				if direction == "backwards" {
					got = append([]string{m.Name}, got...)
				} else {
					got = append(got, m.Name)
				}
			}
			path = ""
			for _, link := range page.header.Values("Link") {
				if target, found := strings.CutSuffix(link, `>; rel="next"`); found {
					path = "/channels/c" + strings.TrimPrefix(target, "<.")
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("%s: got %v, want %v", direction, got, want)
		}
	})
}

func TestDeduplicationIsExactlyTheWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := time.UnixMilli(1_700_000_000_000)
		accepted := 0
		s := newServer(t, ablylocal.Config{
			Limits: ablylocal.LimitsOff, Now: func() time.Time { return now },
			OnMessage: func(string, ablylocal.Message) { accepted++ },
		})
		first := map[string]time.Time{} // when each base was accepted
		for range rapid.IntRange(1, 40).Draw(rt, "publishes") {
			now = now.Add(time.Duration(rapid.IntRange(0, 70).Draw(rt, "pause")) * time.Second)
			base := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "base")
			at, known := first[base]
			want := accepted
			if !known || now.Sub(at) > 2*time.Minute {
				first[base], want = now, accepted+1
			}
			if got := call(t, s, "POST", "/channels/c/messages", frame{"id": base + ":0"}); got.status != 201 {
				rt.Fatalf("%d %s", got.status, got.body)
			}
			if accepted != want {
				rt.Fatalf("%s at %v: %d accepted, want %d", base, now, accepted, want)
			}
		}
	})
}

func TestChannelsDoNotShareIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen tap
		s := newServer(t, ablylocal.Config{OnMessage: seen.on})
		for range 2 {
			for _, channel := range []string{"a", "b"} {
				call(t, s, "POST", "/channels/"+channel+"/messages", frame{"id": "same", "name": channel})
			}
		}
		if seen.names("a") != "a " || seen.names("b") != "b " {
			t.Errorf("accepted %q, %q", seen.names("a"), seen.names("b"))
		}
	})
}
