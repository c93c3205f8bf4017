package publishers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzReadAnswer feeds answers that may come from anybody: a proxy, another version of the service, a broken line.
func FuzzReadAnswer(f *testing.F) {
	f.Add(201, `[{"successCount":1,"failureCount":0,"results":[{"channel":"a","messageId":"x:0"}]}]`, "")
	f.Add(201, `[{"results":[{"channel":"a","error":{"code":42913,"statusCode":429}}]},{"channel":"b"}]`, "1")
	f.Add(400, `{"error":{"code":40020,"statusCode":400},"batchResponse":[{"channel":"a","error":{"code":40160}}]}`, "")
	f.Add(429, `<html>`, "Wed, 21 Oct 2026 07:28:00 GMT")
	f.Add(500, ``, "-1")
	f.Add(200, `[1,null,"x"]`, "99999999999999999999")
	f.Fuzz(func(t *testing.T, status int, body, retryAfter string) {
		header := http.Header{"Retry-After": {retryAfter}}
		a := readAnswer(status, header, []byte(body), time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC))
		if a.outcome > outcomeAuth || a.retryAfter < 0 || a.retryAfter > 24*time.Hour {
			t.Fatalf("%+v", a)
		}
		if a.outcome == outcomeOK && (status < 200 || status >= 300 || !json.Valid([]byte(body))) {
			t.Fatalf("status %d with %q is taken for %v", status, body, a.outcome)
		}
		if (a.outcome == outcomePermanent || a.outcome == outcomeAuth && status != 401) && a.code == 0 {
			t.Fatalf("status %d with %q is taken for %v, without a word of the service", status, body, a.outcome)
		}
		for channel := range a.channels {
			if r, alone := a.of(channel); !alone || r.outcome > outcomeAuth || !strings.Contains(body, "channel") {
				t.Fatalf("%q: %+v", channel, r)
			}
		}
	})
}

// TestOnlyTheServiceCanRefuseForGood: what it does not explain may come from anything on the way.
func TestOnlyTheServiceCanRefuseForGood(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]outcome{
		200: outcomeOK, 201: outcomeOK, 302: outcomeInDoubt, 400: outcomeInDoubt, 401: outcomeAuth, 402: outcomeInDoubt,
		403: outcomeInDoubt, 404: outcomeInDoubt, 405: outcomeInDoubt, 407: outcomeInDoubt, 408: outcomeInDoubt,
		413: outcomeInDoubt, 421: outcomeInDoubt, 429: outcomeRetryable, 500: outcomeInDoubt, 502: outcomeInDoubt,
		504: outcomeInDoubt, 99: outcomeInDoubt,
	} {
		if got := classify(status, 0, nil); got != want {
			t.Errorf("%d is %v, want %v", status, got, want)
		}
	}
	for code, want := range map[int]outcome{
		40000: outcomeInDoubt, 40005: outcomeAuth, 40009: outcomePermanent, 40010: outcomePermanent, 40020: outcomePermanent,
		40032: outcomePermanent, 40101: outcomeAuth, 40142: outcomeAuth, 40160: outcomeAuth, 40300: outcomeAuth,
		40400: outcomeAuth, 42910: outcomeRetryable, 400: outcomeInDoubt, 50003: outcomeInDoubt,
	} {
		if got := classify(400, code, nil); got != want {
			t.Errorf("code %d is %v, want %v", code, got, want)
		}
	}
	// A failure of the service is no judgement, and neither is a success that explains an error.
	for _, status := range []int{200, 500, 503} {
		if got := classify(status, codeTooLarge, nil); got != outcomeInDoubt {
			t.Errorf("%d with a code is %v", status, got)
		}
	}
}

func TestTheServicesWordsAreItsCodeInBodyOrHeader(t *testing.T) {
	t.Parallel()
	const html = "<html>please sign in</html>"
	for name, tt := range map[string]struct {
		status int
		header string
		body   string
		want   outcome
	}{
		"in the body":              {400, "", `{"error":{"code":40009}}`, outcomePermanent},
		"in the header":            {413, "40009", "", outcomePermanent},
		"nowhere":                  {413, "", html, outcomeInDoubt},
		"another's JSON":           {400, "", `{"error":{"code":400,"message":"bad"}}`, outcomeInDoubt},
		"another's text error":     {400, "", `{"error":"bad"}`, outcomeInDoubt},
		"a success":                {201, "", `[]`, outcomeOK},
		"a portal's success":       {200, "", html, outcomeInDoubt},
		"a success without a word": {204, "", "", outcomeInDoubt},
	} {
		header := http.Header{}
		if tt.header != "" {
			header.Set("X-Ably-Errorcode", tt.header)
		}
		if a := readAnswer(tt.status, header, []byte(tt.body), time.Now()); a.outcome != tt.want {
			t.Errorf("%s: %+v, want %v", name, a, tt.want)
		}
	}
}

// TestAChannelsOwnWordsBeatTheAnswers: in a good answer one channel may have failed, and in a bad one all others passed.
func TestAChannelsOwnWordsBeatTheAnswers(t *testing.T) {
	t.Parallel()
	body := `[{"results":[{"channel":"a","error":{"code":42913,"statusCode":429,"message":"m"}},` +
		`{"channel":"b","messageId":"x"},{"channel":"c","error":{"code":40160}},{"channel":"d","error":{"code":50003}},` +
		`{"channel":"e","error":{}},{"channel":"f","error":{"code":40009}}]}]`
	for _, status := range []int{201, 400} {
		a := readAnswer(status, http.Header{}, []byte(body), time.Now())
		for channel, want := range map[string]outcome{
			"a": outcomeRetryable, "b": outcomeOK, "c": outcomeAuth, "d": outcomeInDoubt, "e": outcomeInDoubt, "f": outcomePermanent,
		} {
			if got, alone := a.of(channel); got.outcome != want || !alone {
				t.Errorf("%d, channel %s: %v, want %v", status, channel, got.outcome, want)
			}
		}
		if got, alone := a.of("unnamed"); alone || got.outcome != classify(status, 0, nil) {
			t.Errorf("%d, a channel without words: %v", status, got.outcome)
		}
	}
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              0,
		"3":                             3 * time.Second,
		"-3":                            0,
		"soon":                          0,
		"1.5":                           0,
		"Mon, 15 Jun 2026 10:00:07 GMT": 7 * time.Second,
		"Mon, 15 Jun 2026 09:00:00 GMT": 0,
	} {
		if got := parseRetryAfter(text, now); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

func TestBackoffStaysInItsBounds(t *testing.T) {
	t.Parallel()
	for failures := 1; failures < 200; failures++ {
		for _, jitter := range []float64{0, 0.3, 0.999999} {
			got := backoff(failures, 0, jitter)
			if got < 0 || got > maxBackoff || (jitter == 0 && got != 0) {
				t.Errorf("failure %d with %v: %v", failures, jitter, got)
			}
			if asked := backoff(failures, 40*time.Second, jitter); asked != 40*time.Second {
				t.Errorf("failure %d: waits %v although asked for 40 s", failures, asked)
			}
		}
	}
}
