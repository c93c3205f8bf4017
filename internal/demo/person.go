package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/internal/demo/check"
)

// sessionAge is how old a user token gets before its owner signs in again.
const sessionAge = 10 * time.Minute

// person is a user of the engine with what he needs to use it.
type person struct {
	User

	cards *ledger[card] // a customer's bookings, as his page shows them; set before anybody acts

	mu       sync.Mutex
	session  string
	signedIn time.Time
}

func newPerson(u User) *person { return &person{User: u} }

// token returns a valid user token.
func (t *town) token(p *person) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session != "" && time.Since(p.signedIn) < sessionAge {
		return p.session, nil
	}
	session, err := t.SignIn(p.User)
	if err != nil {
		return "", fmt.Errorf("sign in %s: %w", p.ID, err)
	}
	p.session, p.signedIn = session, time.Now()
	return session, nil
}

// get reads a path into v, and returns the answer as well.
func (t *town) get(ctx context.Context, p *person, path string, v any) (answer, error) {
	token, err := t.token(p)
	if err != nil {
		return answer{}, err
	}
	ans, err := t.api.insist(ctx, request{method: http.MethodGet, path: path, token: token})
	if err != nil {
		return ans, err
	}
	t.books.Shown(p.Role, ans.body)
	t.board.looked()
	return ans, ans.into(v)
}

// put makes something be as the body says.
func (t *town) put(ctx context.Context, p *person, path string, body any) (receipt, error) {
	token, err := t.token(p)
	if err != nil {
		return receipt{}, err
	}
	ans, err := t.api.insist(ctx, request{
		method: http.MethodPut, path: path, token: token, key: uuid.NewString(), body: body,
	})
	if err != nil {
		return receipt{}, err
	}
	var r receipt
	if ans.status == http.StatusNoContent {
		return r, nil
	}
	return r, ans.into(&r)
}

// command issues a command, books its answer, and tells whether it was accepted; if it was not, why, as far as anybody knows.
func (t *town) command(ctx context.Context, p *person, a check.Action, r request) (rec receipt, accepted bool, _ *answerError) {
	token, err := t.token(p)
	if err != nil {
		t.Logger.WarnContext(ctx, "sign-in failed", errAttr(err))
		return rec, false, nil
	}
	r.token, r.key = token, uuid.NewString()
	sent := time.Now()
	ans, err := t.api.insist(ctx, r)
	if err != nil {
		t.Logger.WarnContext(ctx, "command unanswered", actionAttr(a), errAttr(err))
		return rec, false, nil
	}
	t.books.Shown(p.Role, ans.body)
	err = ans.into(&rec)
	t.saw(rec.Position)
	t.books.Answered(check.Command{Action: a, Sent: sent, Accepted: err == nil, Position: rec.Position})
	t.board.answered(a, err == nil)
	refusal, _ := errors.AsType[*answerError](err)
	if refusal != nil {
		t.Logger.DebugContext(ctx, "command refused", actionAttr(a), statusAttr(ans.status), bodyAttr(ans.body))
	}
	return rec, err == nil, refusal
}
