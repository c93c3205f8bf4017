package demo

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/royalglow/booking/internal/demo/check"
)

// want is something that somebody is about to do. What it concerns is reserved until it is settled.
type want struct {
	salon  *salon
	action check.Action
	by     *person
	// compose makes the request that the want comes to; the actor may read before. Everything that it finds out about who shall
	// do what instead it writes into the want. It fails with errNotNow when there is nothing to send after all.
	compose func(ctx context.Context, t *town, w *want) (request, error)
	// accepted and dropped settle the want: one of them is called, once, with the salon's lock held. What was refused is dropped,
	// and so is that of which nobody knows whether it was carried out.
	accepted func(ctx context.Context, t *town, rec receipt)
	dropped  func(refusal *answerError)
	// priced says that the verb's credit was spent on it, first that nobody in the salon had used the verb before.
	priced, first bool
}

// errNotNow says that what somebody wanted cannot be had, as he found out by looking.
var errNotNow = errors.New("it cannot be done now")

// act does what somebody wants and settles what became of it. What cannot be had after all somebody else's want takes the place
// of, so that the pace is kept.
func (t *town) act(ctx context.Context, w *want) {
	for n := 0; ; n++ {
		r, err := w.compose(ctx, t, w)
		if err == nil {
			t.send(ctx, w, r)
			return
		}
		w.drop(nil)
		w.salon.refund(w)
		if ctx.Err() != nil {
			return
		}
		if !errors.Is(err, errNotNow) {
			t.Logger.WarnContext(ctx, "command not composed", actionAttr(w.action), errAttr(err))
		}
		if w = t.nextWant(ctx, n); w == nil {
			return
		}
	}
}

// lookAgain is how long it takes until somebody looks again for what was not to be had.
const lookAgain = 200 * time.Millisecond

// refund gives back what a want cost that came to nothing.
func (s *salon) refund(w *want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !w.priced {
		return
	}
	s.credit[w.action]++
	if w.first {
		s.used[w.action] = false
	}
	if w.action != check.Request { // new customers come all the time
		s.waits[w.action] = time.Now().Add(lookAgain)
	}
}

func (t *town) send(ctx context.Context, w *want, r request) {
	rec, accepted, refusal := t.command(ctx, w.by, w.action, r)
	if !accepted {
		w.drop(refusal)
		return
	}
	w.salon.mu.Lock()
	defer w.salon.mu.Unlock()
	w.accepted(ctx, t, rec)
}

func (w *want) drop(refusal *answerError) {
	w.salon.mu.Lock()
	defer w.salon.mu.Unlock()
	if w.dropped != nil {
		w.dropped(refusal)
	}
}

// simple is a want whose request needs nothing but its body.
func (s *salon) simple(a check.Action, by *person, r request, accepted func(rec receipt)) *want {
	return &want{
		salon: s, action: a, by: by, accepted: func(_ context.Context, _ *town, rec receipt) { accepted(rec) },
		compose: func(context.Context, *town, *want) (request, error) { return r, nil },
	}
}

func post(path string, body any) request {
	return request{method: http.MethodPost, path: path, body: body}
}

func patch(path string, body any) request {
	return request{method: http.MethodPatch, path: path, body: body}
}

func putting(path string, body any) request {
	return request{method: http.MethodPut, path: path, body: body}
}

func deletion(path string) request { return request{method: http.MethodDelete, path: path} }
