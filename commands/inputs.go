package commands

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"github.com/royalglow/booking/domain"
)

// inputs checks the form of commands by their validate tags, and names what is wrong by JSON pointers.
type inputs struct{ v *validator.Validate }

// The tags of our own: id=<prefix> is an identifier of that kind, subject whom texts are about, zone an IANA time zone, instant a
// whole minute of the years 2000 to 2099, date a calendar date of them, clock a time of day, offset a clock's distance from UTC,
// code a word for programs, segment the name of a segment, phone a telephone number, text a legible line and prose legible lines
// for people.
func newInputs() (*inputs, error) {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		if f.Anonymous {
			return embedded
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	tags := map[string]validator.Func{
		"id": func(f validator.FieldLevel) bool {
			return domain.ValidID(domain.IDPrefix(f.Param()), f.Field().String())
		},
		"subject": func(f validator.FieldLevel) bool { return subject(f.Field().String()) },
		"date":    func(f validator.FieldLevel) bool { return plausibleDate(f.Field().String()) },
		"clock":   func(f validator.FieldLevel) bool { return clockTime(f.Field().String()) != nil },
		"offset":  func(f validator.FieldLevel) bool { _, ok := parseOffset(f.Field().String()); return ok },
		"phone":   func(f validator.FieldLevel) bool { return phoneNumber(f.Field().String()) },
		"zone":    func(f validator.FieldLevel) bool { return knownZone(f.Field().String()) },
		"instant": func(f validator.FieldLevel) bool { return plausible(f.Field()) },
		"code":    func(f validator.FieldLevel) bool { return wordForPrograms(f.Field().String()) },
		"text":    func(f validator.FieldLevel) bool { return legible(f.Field().String(), false) },
		"prose":   func(f validator.FieldLevel) bool { return legible(f.Field().String(), true) },
		"segment": func(f validator.FieldLevel) bool { return segmentName(f.Field().String()) },
	}
	for tag, check := range tags {
		if err := v.RegisterValidation(tag, check); err != nil {
			return nil, fmt.Errorf("register validation %s: %w", tag, err)
		}
	}
	return &inputs{v: v}, nil
}

// zoneName is the form of the names of the IANA database. What else lies beside it on a machine (localtime, posixrules, right/UTC
// with its leap seconds) begins with a small letter, and means something else on another machine, or nothing.
var zoneName = regexp.MustCompile(`^[A-Z][0-9A-Za-z_+-]*(/[A-Z][0-9A-Za-z_+-]*)*$`)

// knownZone accepts the zones that mean the same on every machine. Local is this one's, Factory says that nobody has chosen yet.
func knownZone(name string) bool {
	if name == "Local" || name == "Factory" || !zoneName.MatchString(name) {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func wordForPrograms(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

func segmentName(s string) bool {
	_, ok := domain.SegmentIndex(s)
	return ok
}

// subject accepts a customer, or the booking of a guest.
func subject(id string) bool {
	return domain.ValidID(domain.UserPrefix, id) || domain.ValidID(domain.BookingPrefix, id)
}

func plausibleDate(s string) bool { return domain.ValidDate(s) && s >= "2000" && s < "2100" }

func phoneNumber(s string) bool {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	return len(digits) >= 5 && strings.Trim(s, "0123456789 +-()/.") == ""
}

func plausible(v reflect.Value) bool {
	t, ok := reflect.TypeAssert[time.Time](v)
	return ok && t.UTC().Year() >= 2000 && t.UTC().Year() < 2100 && t.Equal(t.Truncate(time.Minute))
}

// faultFinder is a command with parts that tags cannot describe.
type faultFinder interface {
	// faults names what is wrong with them.
	faults() []FieldError
}

// callerFaultFinder is a command of which some callers must say more than others.
type callerFaultFinder interface {
	// faultsOf names what is wrong with it when the caller issues it.
	faultsOf(Caller) []FieldError
}

// check returns nil or a refusal that names every wrong field.
func (in *inputs) check(by Caller, command any) error {
	fields, err := in.faults(by, command)
	if err == nil && len(fields) > 0 {
		err = errInvalid(fields...)
	}
	return err
}

// faults names every wrong field.
func (in *inputs) faults(by Caller, command any) (fields []FieldError, err error) {
	if err := in.v.Struct(command); err != nil {
		wrong, ok := errors.AsType[validator.ValidationErrors](err)
		if !ok {
			return nil, fmt.Errorf("validate command: %w", err)
		}
		for _, f := range wrong {
			fields = append(fields, FieldError{Pointer: pointer(f.Namespace()), Message: complaint(f)})
		}
	}
	if f, ok := command.(faultFinder); ok {
		fields = append(fields, f.faults()...)
	}
	if f, ok := command.(callerFaultFinder); ok {
		fields = append(fields, f.faultsOf(by)...)
	}
	return fields, nil
}

// embedded stands for a struct whose members are those of the struct that it is in.
const embedded = "~"

// pointer turns "RequestBooking.services[0].serviceId" into "/services/0/serviceId". Names and indexes need no escape.
func pointer(namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
	path = strings.ReplaceAll(path, embedded+".", "")
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(path)
}

const wantDate = "must be a date such as 2026-06-15, of the years 2000 to 2099"

// complaint says in words what the field must be.
func complaint(f validator.FieldError) string {
	switch f.Tag() {
	case "required", "required_with", "required_without":
		return "is required"
	case "excluded_with":
		return "does not go with " + field(f.Param())
	case "excluded_without":
		return "goes with " + field(f.Param()) + " only"
	case "subject":
		return "must be a customer's identifier, or the booking's of a guest"
	case "date":
		return wantDate
	case "clock":
		return "must be a time of day such as 09:30, 00:00 to 24:00"
	case "offset":
		return "must be a distance from UTC such as +05:30"
	case "phone":
		return "must be a telephone number"
	case "id":
		return "must be an identifier such as " + f.Param() + "_… (6 to 40 letters or digits)"
	case "zone":
		return "must be an IANA time zone such as Europe/Berlin"
	case "instant":
		return "must be a whole minute of the years 2000 to 2099"
	case "code":
		return "must be 1 to 40 of a-z and '_'"
	case "text", "prose":
		return "must be readable text, without control characters"
	case "segment":
		return "must be the name of a segment such as seg_1"
	case "iso4217":
		return "must be an ISO 4217 currency such as EUR"
	case "oneof":
		return "must be one of " + strings.ReplaceAll(f.Param(), " ", ", ")
	case "unique":
		return "must not repeat itself"
	case "min", "gte":
		return "must be at least " + f.Param() + unit(f)
	case "max", "lte":
		return "must be at most " + f.Param() + unit(f)
	}
	return "is not valid"
}

// field turns the name of a struct's field into that of the JSON member, which differs by its first letter.
func field(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// unit says what a bound counts.
func unit(f validator.FieldError) string {
	switch f.Kind() { //nolint:exhaustive // all other kinds are numbers, which count nothing
	case reflect.String:
		return " characters"
	case reflect.Slice:
		return " entries"
	}
	return ""
}
