package ablylocal

import (
	"net/http"
	"strings"
	"time"
)

// revokeRequest asks to end tokens. Times in milliseconds since 1970.
type revokeRequest struct {
	Targets           []string `json:"targets"`      // "clientId:x"
	IssuedBefore      any      `json:"issuedBefore"` // absent: now
	AllowReauthMargin bool     `json:"allowReauthMargin"`
}

// revokeResult is what became of one target.
type revokeResult struct {
	Target       string     `json:"target"`
	IssuedBefore int64      `json:"issuedBefore,omitempty"`
	AppliesAt    int64      `json:"appliesAt,omitempty"`
	Error        *ErrorInfo `json:"error,omitempty"`
}

// revokeResults is the answer to all of them.
type revokeResults struct {
	SuccessCount int            `json:"successCount"`
	FailureCount int            `json:"failureCount"`
	Results      []revokeResult `json:"results"`
}

// revokeTokens answers POST /keys/{keyName}/revokeTokens. It takes the key itself, and
// one whose tokens are revocable.
func (s *Server) revokeTokens(r *http.Request, keyName string) (reply, *ErrorInfo) {
	now := s.cfg.Now()
	// The paths of keys are not within the limit of requests, token requests having
	// one of their own.
	if !s.requests.allow(now, 1) {
		return reply{}, refuse(CodeAccountRequests, "rate limit exceeded; request rejected (nonfatal); metric = apiRequests.maxRate; permitted rate = %d", s.table.requests)
	}
	if c, err := credentialOf(r); err == nil && c.token != "" {
		return reply{}, refuse(CodeRevokeWithToken, "tokens can only be revoked with the key, not with a token")
	}
	if _, err := s.authenticateKey(r); err != nil {
		return reply{}, err
	}
	if keyName != s.key.name {
		return reply{}, refuse(CodeRevokeWithOtherKey, "can only revoke tokens using the same key that issued them")
	}
	if !s.cfg.Revocable {
		return reply{}, refuse(CodeNotRevocable, "token revocation is not enabled for this key")
	}
	var req revokeRequest
	if err := readBody(r, &req); err != nil {
		return reply{}, err
	}
	if n := len(req.Targets); n == 0 || n > maxRevokeTargets {
		return reply{}, refuse(CodeInvalidBody, "invalid revocation: want 1 to %d targets, got %d", maxRevokeTargets, n)
	}
	todo, err := req.revocation(now)
	if err != nil {
		return reply{}, err
	}
	var out revokeResults
	for _, target := range req.Targets {
		if err := s.checkTarget(target); err != nil {
			s.countRefusal(err)
			out.FailureCount++
			out.Results = append(out.Results, revokeResult{Target: target, Error: err})
			continue
		}
		s.revocations.add(target, todo, now)
		out.SuccessCount++
		out.Results = append(out.Results, revokeResult{
			Target: target, IssuedBefore: todo.issuedBefore.UnixMilli(), AppliesAt: todo.appliesAt.UnixMilli(),
		})
	}
	s.revisit()
	if protocolVersion(r) <= 2 {
		return reply{status: http.StatusCreated, body: out.Results}, nil
	}
	return reply{status: http.StatusCreated, body: out}, nil
}

// revocation reads which tokens end, and when.
func (q revokeRequest) revocation(now time.Time) (revocation, *ErrorInfo) {
	// The wire has whole milliseconds: a token of this very one is not from before it.
	now = time.UnixMilli(now.UnixMilli())
	out := revocation{issuedBefore: now, appliesAt: now}
	if q.AllowReauthMargin {
		out.appliesAt = now.Add(reauthMargin)
	}
	text, err := wholeText(q.IssuedBefore, "issuedBefore")
	if err != nil || text == "" {
		return out, err
	}
	millis, err := wholeMillis(text, "issuedBefore")
	if err != nil {
		return out, err
	}
	out.issuedBefore = time.UnixMilli(millis)
	if out.issuedBefore.After(now) || now.Sub(out.issuedBefore) > maxRevocableTTL {
		return out, refuse(CodeInvalidValue, "invalid issuedBefore: want a time within the last hour")
	}
	return out, nil
}

// checkTarget refuses what cannot be revoked here.
func (s *Server) checkTarget(target string) *ErrorInfo {
	kind, value, _ := strings.Cut(target, ":")
	switch {
	case kind == targetChannel && !s.cfg.RevokeChannels:
		return refuse(CodeRevocationNotEnabled, "revocation by channel is not enabled for this account")
	case kind != targetClient && kind != targetKey && kind != targetChannel:
		return refuse(CodeInvalidValue, "invalid target %q: want clientId:…, revocationKey:… or channel:…", target)
	case value == "":
		return refuse(CodeInvalidValue, "invalid target %q: names nobody", target)
	}
	return nil
}
