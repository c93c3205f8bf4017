package publishers

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// revokeCaller makes one attempt to revoke tokens (https://ably.com/docs/auth/revocation). To repeat it is harmless: the time before
// which tokens are revoked stays the same.
type revokeCaller struct {
	*ablySender
	path string
}

// revokeRequest is the body. IssuedBefore is in milliseconds since 1970, not to come and at most an hour ago.
type revokeRequest struct {
	Targets           []string `json:"targets"`
	IssuedBefore      int64    `json:"issuedBefore"`
	AllowReauthMargin bool     `json:"allowReauthMargin"`
}

// revokeResult is what became of one target.
type revokeResult struct {
	Target    string     `json:"target"`
	AppliesAt int64      `json:"appliesAt"`
	Error     *errorInfo `json:"error"`
}

// call returns the targets whose tokens are not known to be revoked, and the answer of the first of them.
func (c revokeCaller) call(ctx context.Context, before time.Time, targets []string) (left []string, a answer) {
	a, body := c.post(ctx, c.path, revokeRequest{Targets: targets, IssuedBefore: before.UnixMilli()})
	if a.status == 0 {
		return targets, a
	}
	if a.status >= http.StatusMultipleChoices {
		if a.outcome == outcomeInDoubt && a.code != 0 && a.status < http.StatusInternalServerError {
			a.outcome = outcomePermanent // the service's own words about what is no message
		}
		return targets, a
	}
	return readRevocations(body, targets, a)
}

// readRevocations finds the targets that the service does not say to have revoked. A success without a word about a target is none: it
// may come from anything on the way.
func readRevocations(body []byte, targets []string, a answer) (left []string, _ answer) {
	var whole struct {
		Results []revokeResult `json:"results"`
	}
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) { // the form of older versions of the protocol
		err = json.Unmarshal(body, &whole.Results)
	} else {
		err = json.Unmarshal(body, &whole)
	}
	a.outcome = outcomeOK
	for _, target := range targets {
		i := slices.IndexFunc(whole.Results, func(r revokeResult) bool { return r.Target == target })
		if err == nil && i >= 0 && whole.Results[i].Error == nil && whole.Results[i].AppliesAt > 0 {
			continue
		}
		if left = append(left, target); len(left) > 1 {
			continue
		}
		a.outcome, a.reason = outcomeInDoubt, "the answer says nothing of the target"
		if err == nil && i >= 0 && whole.Results[i].Error != nil {
			refused := channelEntry{Error: whole.Results[i].Error}.answer()
			a.outcome, a.code, a.reason = refused.outcome, refused.code, refused.reason
			if a.outcome == outcomeInDoubt && refused.status < http.StatusInternalServerError {
				a.outcome = outcomePermanent
			}
		}
	}
	return left, a
}
