package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

// noRevocations stands for a key that is not revocable.
type noRevocations func() time.Time

// RevokeUser says when tokens end.
func (now noRevocations) RevokeUser(context.Context, string) (publishers.Revoked, error) {
	return publishers.Revoked{EndsBy: now().Add(publishers.TokenTTL)}, nil
}

// revocations are what the route asks for; fail is what becomes of it.
type revocations struct {
	users []string
	fail  error
}

// RevokeUser notes the user.
func (r *revocations) RevokeUser(_ context.Context, id string) (publishers.Revoked, error) {
	r.users = append(r.users, id)
	return publishers.Revoked{Revoked: r.fail == nil, EndsBy: opening}, r.fail
}

func TestOperatorsRevokeTheTokensOfAUser(t *testing.T) {
	t.Parallel()
	r := &revocations{}
	s := openSalon(t, func(c *httpapi.Config) { c.Revocations = r })
	path := "/api/ops/users/" + worker + "/revoke"
	for _, as := range []string{ada, worker, desk, manager} {
		s.post(as, path, "").refused(http.StatusForbidden, "FORBIDDEN")
	}
	s.post("", path, "").refused(http.StatusUnauthorized, "UNAUTHENTICATED")
	for _, id := range []string{"usr_*", asha, "usr_a:b12345"} {
		a := s.post(owner, "/api/ops/users/"+id+"/revoke", "").refused(http.StatusBadRequest, "VALIDATION_ERROR")
		if !a.names("id") {
			t.Errorf("%s: %s", id, a.body)
		}
	}
	if len(r.users) != 0 {
		t.Fatalf("revoked %v", r.users)
	}
	s.post(owner, path, "").want(http.StatusOK).has("userId", worker, "revoked", "true", "endsBy", "2026-06-15T08:00:00Z")
	if len(r.users) != 1 || r.users[0] != worker {
		t.Errorf("revoked %v", r.users)
	}
	r.fail = domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "not yet")
	if a := s.post(owner, path, "").refused(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE"); a.header.Get("Retry-After") == "" {
		t.Errorf("headers %v", a.header)
	}
	for _, line := range []string{
		`"msg":"realtime tokens revoked","user":"` + owner + `","role":"owner","of":"` + worker + `"`,
		`"msg":"realtime tokens not revoked","user":"` + owner + `","role":"owner","of":"` + worker + `"`,
	} {
		if !strings.Contains(s.log.String(), line) {
			t.Errorf("the log lacks %s", line)
		}
	}
}

func TestWithoutRealtimeThereIsNothingToRevoke(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) { c.Revocations = nil })
	s.post(owner, "/api/ops/users/"+ada+"/revoke", "").refused(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
}

func TestWhereTokensCannotBeRevokedTheAnswerSaysWhenTheyEnd(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.post(owner, "/api/ops/users/"+ada+"/revoke", "").want(http.StatusOK).has("revoked", "false", "endsBy", "2026-06-15T08:30:00Z")
	if !strings.Contains(s.log.String(), `"msg":"realtime tokens left to end by themselves"`) {
		t.Error("nothing is in the log")
	}
}
