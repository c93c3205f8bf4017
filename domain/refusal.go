package domain

import (
	"fmt"
	"maps"
)

// Kind says what sort of "no" a refusal is. The HTTP layer maps each kind to one status, in one table.
type Kind uint8

// The kinds of refusal; the comment gives the HTTP status of each.
const (
	Invalid              Kind = iota // 400: the input is malformed
	Unauthenticated                  // 401: nobody, or an unusable token
	Forbidden                        // 403: this caller may never do this
	NotFound                         // 404: unknown, or not the caller's (the two must look alike)
	Conflict                         // 409: the state of things does not allow it
	Stale                            // 412: the caller decided on an older revision
	Unprocessable                    // 422: well formed, against a rule of the business
	PreconditionRequired             // 428: If-Match is missing
	RateLimited                      // 429
	Unavailable                      // 503: try again later
)

var kindNames = [...]string{ //nolint:gochecknoglobals // a constant table: Go has no constant arrays
	"invalid", "unauthenticated", "forbidden", "not found", "conflict", "stale", "unprocessable", "precondition required",
	"rate limited", "unavailable",
}

// String returns the kind in words.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Code is the stable, machine-readable name of a refusal, part of the public API.
type Code string

// The codes.
const (
	CodeValidation             Code = "VALIDATION_ERROR"
	CodeUnauthenticated        Code = "UNAUTHENTICATED"
	CodeForbidden              Code = "FORBIDDEN"
	CodeNotFound               Code = "NOT_FOUND"
	CodeConflict               Code = "CONFLICT"
	CodeStale                  Code = "STALE_REVISION"
	CodeIfMatchRequired        Code = "IF_MATCH_REQUIRED"
	CodeKeyReused              Code = "IDEMPOTENCY_KEY_REUSED"
	CodeBusinessRule           Code = "BUSINESS_RULE_VIOLATION"
	CodeRateLimited            Code = "RATE_LIMITED"
	CodeUnavailable            Code = "SERVICE_UNAVAILABLE"
	CodeReadBehind             Code = "READ_BEHIND"
	CodeSlotUnavailable        Code = "BOOKING_SLOT_UNAVAILABLE"
	CodeTransition             Code = "BOOKING_INVALID_STATUS_TRANSITION"
	CodeAlreadyCancelled       Code = "BOOKING_ALREADY_CANCELLED"
	CodeLeadTime               Code = "BOOKING_LEAD_TIME"
	CodeHorizon                Code = "BOOKING_BEYOND_HORIZON"
	CodeActiveCap              Code = "BOOKING_ACTIVE_LIMIT"
	CodeCancelWindowPassed     Code = "BOOKING_CANCEL_WINDOW_PASSED"
	CodeMaxReschedules         Code = "BOOKING_MAX_RESCHEDULES"
	CodeRescheduleWindowPassed Code = "BOOKING_RESCHEDULE_WINDOW_PASSED"
	CodeOverlap                Code = "BOOKING_OVERLAP"
	CodeOutsideHours           Code = "BOOKING_OUTSIDE_HOURS"
	CodeNoSuchTime             Code = "BOOKING_NO_SUCH_TIME"
	CodeNeedsManager           Code = "BOOKING_NEEDS_MANAGER"
	CodeStaffNotQualified      Code = "STAFF_NOT_QUALIFIED"
	CodeStaffOffShift          Code = "STAFF_NOT_ON_SHIFT"
	CodeShiftsOverlap          Code = "STAFF_SHIFTS_OVERLAP"
	CodeLeaveTransition        Code = "LEAVE_INVALID_STATUS_TRANSITION"
	CodeLeaveConflicts         Code = "LEAVE_CONFLICTS"
	CodeOwnLeave               Code = "LEAVE_OWN_APPROVAL"
	CodeBranchInactive         Code = "BRANCH_INACTIVE"
)

// Refusal is the one error type by which the engine says no. It is never wrapped in prose: callers find it with
// errors.AsType[*Refusal] and show Message to people, Code to programs.
type Refusal struct {
	Kind    Kind
	Code    Code
	Message string
	// Details holds further members of the answer, such as the current status; nil when there are none. It holds nothing
	// that the caller may not see.
	Details map[string]any
	// Pointers are the JSON pointers of the members of the command that an Invalid refusal is about; none where it is about no
	// member in particular.
	Pointers []string
}

// Error returns the code and the message.
func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Message }

// Refuse builds a refusal without details.
func Refuse(kind Kind, code Code, format string, args ...any) *Refusal {
	return &Refusal{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// At returns a copy of r that is about these members of the command, as JSON pointers.
func (r *Refusal) At(pointers ...string) *Refusal {
	c := *r
	c.Pointers = pointers
	return &c
}

// Without returns a copy of r that lacks a detail.
func (r *Refusal) Without(key string) *Refusal {
	c := *r
	c.Details = maps.Clone(r.Details)
	delete(c.Details, key)
	return &c
}

// With returns a copy of r that also carries the detail key=value.
func (r *Refusal) With(key string, value any) *Refusal {
	c := *r
	c.Details = make(map[string]any, len(r.Details)+1)
	maps.Copy(c.Details, r.Details)
	c.Details[key] = value
	return &c
}
