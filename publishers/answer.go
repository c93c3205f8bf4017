package publishers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// answer is what one request came to.
type answer struct {
	outcome    outcome
	status     int // HTTP; 0 when no answer came
	code       int // the service's own; 0 when it gave none
	reason     string
	retryAfter time.Duration
	// channels are the results that the service gave for single channels. A channel that is missing shares the fate of the
	// request.
	channels map[string]channelAnswer
}

// channelAnswer is what became of one array of a request that was answered as a whole.
type channelAnswer struct {
	outcome outcome
	status  int
	code    int
	reason  string
}

// of returns the answer for a channel, and whether the service spoke about it alone.
func (a answer) of(channel string) (result channelAnswer, alone bool) {
	if r, ok := a.channels[channel]; ok {
		return r, true
	}
	return channelAnswer{outcome: a.outcome, status: a.status, code: a.code, reason: a.reason}, false
}

// lost reports whether the request came to nothing: the service did not answer, or not in its own words.
func (a answer) lost() bool {
	return a.status == 0 || a.outcome == outcomeInDoubt && len(a.channels) == 0
}

// errorInfo is the service's form of an error.
type errorInfo struct {
	Code       int    `json:"code"`
	StatusCode int    `json:"statusCode"`
	Message    string `json:"message"`
}

// batchEntry is an element of a batch answer in either of its forms: a result for each spec with its channels inside, or
// a channel at once.
type batchEntry struct {
	channelEntry
	Results []channelEntry `json:"results"`
}

type channelEntry struct {
	Channel string     `json:"channel"`
	Error   *errorInfo `json:"error"`
}

// readAnswer makes sense of an HTTP answer. It never fails: what is not the service's words leaves the request in doubt,
// whatever its status, because a portal that wants a sign-in says 200.
func readAnswer(status int, header http.Header, body []byte, now time.Time) answer {
	a := answer{status: status, retryAfter: parseRetryAfter(header.Get("Retry-After"), now)}
	var entries []batchEntry
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		_ = json.Unmarshal(body, &entries) // of what is not understood the status decides
	} else {
		var whole struct {
			Error   *errorInfo   `json:"error"`
			Entries []batchEntry `json:"batchResponse"`
		}
		if json.Unmarshal(body, &whole) == nil {
			entries = whole.Entries
			if whole.Error != nil {
				a.code, a.reason = whole.Error.Code, whole.Error.Message
			}
		}
	}
	if a.code == 0 {
		a.code, _ = strconv.Atoi(header.Get("X-Ably-Errorcode"))
		a.reason = header.Get("X-Ably-Errormessage")
	}
	a.outcome = classify(status, a.code, nil)
	if a.outcome == outcomeOK && !json.Valid(body) {
		a.outcome = outcomeInDoubt
	}
	if a.outcome != outcomeOK && a.code == 0 && a.reason == "" {
		a.reason = fmt.Sprintf("status %d without a word of the service", status)
	}
	a.addChannels(entries)
	return a
}

func (a *answer) addChannels(entries []batchEntry) {
	for _, e := range entries {
		for _, c := range append(e.Results, e.channelEntry) {
			if c.Channel == "" {
				continue
			}
			if a.channels == nil {
				a.channels = map[string]channelAnswer{}
			}
			a.channels[c.Channel] = c.answer()
		}
	}
}

func (c channelEntry) answer() channelAnswer {
	if c.Error == nil {
		return channelAnswer{outcome: outcomeOK, status: http.StatusCreated}
	}
	status := c.Error.StatusCode
	if status == 0 {
		status = c.Error.Code / 100 // the codes begin with the status
	}
	if status < 400 { // an error without a usable status is one that nobody understands
		status = http.StatusInternalServerError
	}
	return channelAnswer{outcome: classify(status, c.Error.Code, nil), status: status, code: c.Error.Code, reason: c.Error.Message}
}

// parseRetryAfter reads both forms of the header, seconds and a date; anything else, and the past, is 0.
func parseRetryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 && seconds < 24*3600 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(0, at.Sub(now)), 24*time.Hour)
	}
	return 0
}
