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

// classify judges an answer by its status first: the body may be anybody's, such as a proxy's error page. Status 0 means
// that err came instead of an answer.
func classify(status int, err error) outcome {
	switch {
	case status == 0:
		return classifyError(err)
	case status >= 200 && status < 300:
		return outcomeOK
	case status == http.StatusTooManyRequests:
		return outcomeRetryable
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		// Not found is the answer to a key of an app that does not exist.
		return outcomeAuth
	case status == http.StatusRequestTimeout, status >= 500, status < 400:
		// A redirect is no more an answer of the service than a proxy's failure is.
		return outcomeInDoubt
	}
	return outcomePermanent
}

// classifyError tells a connection that never came about from one that broke after something was sent.
func classifyError(err error) outcome {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return outcomeRetryable
	}
	return outcomeInDoubt
}
