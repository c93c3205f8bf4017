package publishers

import (
	"errors"
	"fmt"
	"net"
	"net/http"
)

// outcome is what one attempt to deliver a list came to.
type outcome uint8

const (
	// outcomeOK: the service has it.
	outcomeOK outcome = iota
	// outcomeRetryable: the service certainly did not take it and may do so later.
	outcomeRetryable
	// outcomeInDoubt: nobody knows; the same list under the same ids is safe to send again.
	outcomeInDoubt
	// outcomePermanent: the service will never take it.
	outcomePermanent
	// outcomeAuth: the key is not accepted; nothing will go through until somebody mends that.
	outcomeAuth
)

var outcomeNames = [...]string{ //nolint:gochecknoglobals // a constant table: Go has no constant arrays
	"ok", "rejected_retryable", "in_doubt", "permanent", "auth",
}

// String returns the name under which delivery log and traces show the outcome.
func (o outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("outcome(%d)", uint8(o))
}

// classify judges an answer by its status and by the service's own error code, 0 when it gave none. Status 0 means that err
// came instead of an answer.
//
// Whatever the service does not explain in its own words may come from anything on the way, such as a proxy that wants a
// password of its own: it is in doubt. Only the service can say that a message will never do.
func classify(status, code int, err error) outcome {
	switch {
	case status == 0:
		return classifyError(err)
	case status == http.StatusTooManyRequests, code/100 == http.StatusTooManyRequests:
		return outcomeRetryable
	case status >= 200 && status < 300 && code == 0:
		return outcomeOK
	case status == http.StatusUnauthorized, status < 500 && aboutKey(code):
		return outcomeAuth
	case status >= 400 && status < 500 && aboutContent(code):
		return outcomePermanent
	}
	return outcomeInDoubt
}

// The service's codes that matter here. Their first three digits are the HTTP status that goes with them.
const (
	codeBadCredential = 40005
	codeTooLarge      = 40009
	codeBadChannel    = 40010
	codeBadClient     = 40012
	codeBadData       = 40013
	codeBatch         = 40020 // some array of the request was refused
	codePublish       = 40030 // from here on: ids, extras, number of messages
	codePublishLast   = 40039
	// Of 429: these are about one channel, all others about the account.
	codeChannelRate      = 42913
	codeChannelBandwidth = 42914

	// codeNoCapability: the key may not do this.
	codeNoCapability = 40160

	groupUnauthorized  = 401
	groupForbidden     = 403
	groupNoApplication = 404
)

// aboutKey reports whether a code says that the key is not accepted: nothing gets through until somebody mends that.
func aboutKey(code int) bool {
	group := code / 100
	return code == codeBadCredential || group == groupUnauthorized || group == groupForbidden || group == groupNoApplication
}

// aboutContent reports whether a code is about what was sent, so that sending the same again is in vain.
func aboutContent(code int) bool {
	switch code {
	case codeTooLarge, codeBadChannel, codeBadClient, codeBadData, codeBatch:
		return true
	}
	return code >= codePublish && code <= codePublishLast
}

// classifyError tells a connection that never came about from one that broke after something was sent.
func classifyError(err error) outcome {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return outcomeRetryable
	}
	return outcomeInDoubt
}
