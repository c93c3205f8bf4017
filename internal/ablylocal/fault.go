package ablylocal

import (
	"fmt"
	"time"
)

// Fault is one way in which the endpoint goes wrong on purpose.
type Fault int

// The faults. All but FaultSocketDropped befall a publish request over REST.
const (
	// FaultNone is no fault.
	FaultNone Fault = iota
	// FaultRateLimited: 429 with Retry-After, nothing accepted.
	FaultRateLimited
	// FaultErrorBefore: 500, nothing accepted.
	FaultErrorBefore
	// FaultErrorAfter: 500, although everything has been accepted.
	FaultErrorAfter
	// FaultResetAfter: everything is accepted, and the connection reset in place of an answer.
	FaultResetAfter
	// FaultSlow: everything is accepted at once, and answered late.
	FaultSlow
	// FaultPartial: some channels of a batch are refused, with an error of their own in
	// its result. A publish to one channel has no parts, and never has this fault.
	FaultPartial
	// FaultForgotten: the ids of the request are taken for new although they were
	// accepted before, as the service does when the window of de-duplication is over.
	// It happens only to a repeat.
	FaultForgotten
	// FaultSocketDropped: a WebSocket is cut without a word. Its client resumes.
	FaultSocketDropped
)

// Faults lists all of them but FaultNone.
func Faults() []Fault {
	return []Fault{
		FaultRateLimited, FaultErrorBefore, FaultErrorAfter, FaultResetAfter, FaultSlow, FaultPartial,
		FaultForgotten, FaultSocketDropped,
	}
}

// String is the name under which a fault is counted, for logs and summaries.
func (f Fault) String() string {
	switch f {
	case FaultNone:
		return "none"
	case FaultRateLimited:
		return "rateLimited"
	case FaultErrorBefore:
		return "errorBefore"
	case FaultErrorAfter:
		return "errorAfter"
	case FaultResetAfter:
		return "resetAfter"
	case FaultSlow:
		return "slow"
	case FaultPartial:
		return "partial"
	case FaultForgotten:
		return "forgotten"
	case FaultSocketDropped:
		return "socketDropped"
	}
	return fmt.Sprintf("Fault(%d)", int(f))
}

// PublishFault is what goes wrong with one publish request. The zero value is nothing.
type PublishFault struct {
	Kind Fault
	// Wait is the Retry-After of FaultRateLimited, in whole seconds, and how late
	// FaultSlow is answered. Zero: one second.
	Wait time.Duration
	// Code is what FaultPartial refuses a channel with. Zero: CodeInternal.
	Code Code
	// Channels says which channels FaultPartial refuses. Nil: the first and every
	// second one after it.
	Channels func(name string) bool
}

// wait is how long the fault takes.
func (f PublishFault) wait() time.Duration {
	if f.Wait <= 0 {
		return time.Second
	}
	return f.Wait
}

// retryAfter is the header's value: whole seconds, rounded up.
func (f PublishFault) retryAfter() string {
	return fmt.Sprint(int64((f.wait() + time.Second - 1) / time.Second))
}

// refuses is the error for a channel of a batch, the i-th one; nil when it is spared.
func (f PublishFault) refuses(i int, channel string) *ErrorInfo {
	if f.Kind != FaultPartial {
		return nil
	}
	if f.Channels == nil && i%2 != 0 || f.Channels != nil && !f.Channels(channel) {
		return nil
	}
	code := f.Code
	if code == 0 {
		code = CodeInternal
	}
	return refuse(code, "publish to %q refused by a fault of the local endpoint", channel)
}
