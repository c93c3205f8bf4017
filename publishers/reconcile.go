package publishers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ably/ably-go/ably"
)

const (
	// blindFor is for how long after its first attempt an array that may have arrived is simply sent again: the service drops what
	// repeats within two minutes (https://ably.com/docs/pub-sub/advanced#idempotency), less what one attempt may take.
	blindFor = 100 * time.Second
	// clockSkew is by how much the service's clock may be behind ours.
	clockSkew = 30 * time.Second
	// historyPages bounds what is read of a channel's history, in pages of historyPage messages.
	historyPages = 10
	historyPage  = 1000
)

// Reconciled counts arrays that may have arrived, and were found out about too late for the service to drop a repeat.
type Reconciled struct {
	Found int // in the history of the channel: they had arrived
	Again int // not there: sent again, marked as a redelivery
}

// stale reports whether sending the array again may show its messages twice.
func (a array) stale(now time.Time) bool { return a.doubt && now.Sub(a.first) >= blindFor }

// checked goes on when the history of a channel was asked for the head of its lane.
func (d *dispatcher) checked(l *lane, a *attempt, now time.Time) {
	may := a.answer.outcome != outcomePermanent && a.answer.code != codeNoCapability
	switch {
	case a.answer.outcome == outcomeAuth && may:
		l.notBefore = now.Add(authPause)
	case a.answer.outcome != outcomeOK && may: // a key that may not look never will: then it is as if nothing were there
		d.retry(l, a.answer.retryAfter, now)
	case a.found:
		d.seen.Found++
		d.acknowledge(l, now)
	default:
		d.seen.Again++
		*l.head() = l.head().redelivery()
		l.failures, l.notBefore = 0, time.Time{}
	}
}

// redelivery is the array as it is sent when the service may have shown it before. It has the same ids.
func (a array) redelivery() array {
	messages := slices.Clone(a.messages)
	for i := range messages {
		messages[i].headers.Redelivery = true
	}
	return newArray(messages)
}

// has asks the history of the channel whether the service has an array. Of the answer only outcome and delay count.
func (s *ablySender) has(ctx context.Context, a array) (bool, answer) {
	base := a.base()
	path := "/channels/" + url.PathEscape(a.messages[0].Channel) + "/messages"
	params := url.Values{
		"start": {strconv.FormatInt(a.first.Add(-clockSkew).UnixMilli(), 10)}, "direction": {"forwards"},
		"limit": {strconv.Itoa(historyPage)},
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	ctx, got := withCapture(ctx)
	pages, err := s.rest.Request(http.MethodGet, path, ably.RequestWithParams(params)).Pages(ctx)
	for n := 0; err == nil && n < historyPages && pages.Next(ctx); n++ {
		var messages []struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(got.body, &messages); err != nil {
			return false, answer{outcome: outcomeInDoubt, status: got.status, reason: err.Error()}
		}
		for _, m := range messages {
			if strings.HasPrefix(m.ID, base+":") {
				return true, answer{status: got.status}
			}
		}
	}
	if err == nil {
		err = pages.Err()
	}
	switch {
	case got.status >= http.StatusMultipleChoices:
		return false, readAnswer(got.status, got.header, got.body, time.Now())
	case got.status == 0 && err == nil:
		err = errNoAnswer
	}
	if err != nil {
		return false, answer{outcome: classify(0, 0, err), reason: err.Error()}
	}
	return false, answer{status: got.status}
}
