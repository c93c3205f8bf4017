package commands

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"github.com/royalglow/booking/domain"
)

// inputs checks the form of commands by their validate tags, and names what is wrong by JSON pointers.
type inputs struct{ v *validator.Validate }

// The tags of our own: id=<prefix> is an identifier of that kind, zone an IANA time zone, instant a whole minute of the years
// 2000 to 2099, code a word for programs, segment the name of a segment, text a legible line and prose legible lines for people.
func newInputs() (*inputs, error) {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	tags := map[string]validator.Func{
		"id": func(f validator.FieldLevel) bool {
			return domain.ValidID(domain.IDPrefix(f.Param()), f.Field().String())
		},
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

// knownZone accepts what is a place on earth; "Local" would be this machine's.
func knownZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func wordForPrograms(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

func segmentName(s string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(s, "seg_"))
	return err == nil && n > 0 && s == domain.SegmentID(n-1)
}

func plausible(v reflect.Value) bool {
	t, ok := reflect.TypeAssert[time.Time](v)
	return ok && t.UTC().Year() >= 2000 && t.UTC().Year() < 2100 && t.Equal(t.Truncate(time.Minute))
}

// check returns nil or a refusal that names every wrong field.
func (in *inputs) check(command any) error {
	err := in.v.Struct(command)
	if err == nil {
		return nil
	}
	wrong, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return fmt.Errorf("validate command: %w", err)
	}
	fields := make([]FieldError, 0, len(wrong))
	for _, f := range wrong {
		fields = append(fields, FieldError{Pointer: pointer(f.Namespace()), Message: complaint(f)})
	}
	return errInvalid(fields...)
}

// pointer turns "RequestBooking.services[0].serviceId" into "/services/0/serviceId". Names and indexes need no escape.
func pointer(namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(path)
}

// complaint says in words what the field must be.
func complaint(f validator.FieldError) string {
	switch f.Tag() {
	case "required":
		return "is required"
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
