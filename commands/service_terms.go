package commands

import (
	"fmt"

	"github.com/royalglow/booking/domain"
)

// faults names the terms of a service that do not go together. The domain refuses them all the same, one at a time. Of a term that
// is wrong by itself the tags tell; nothing is said of a whole with a part that is not known.
func (c OfferService) faults() []FieldError {
	sum, active, kinds, minutes := 0, false, true, true
	for _, p := range c.Phases {
		sum += p.Minutes
		active = active || p.Kind == domain.PhaseActive
		kinds = kinds && (p.Kind == domain.PhaseActive || p.Kind == domain.PhaseProcessing)
		minutes = minutes && within(p.Minutes, 1, domain.MaxServiceMinutes)
	}
	if len(c.Phases) == 0 {
		return c.tooLong(c.DurationMinutes)
	}
	var faults []FieldError
	if kinds && !active {
		faults = append(faults, FieldError{Pointer: "/phases", Message: "must have an active phase"})
	}
	switch {
	case !minutes:
	case c.DurationMinutes != 0 && c.DurationMinutes != sum:
		message := fmt.Sprintf("must be the same as the sum of the phases: %d minutes are not %d", c.DurationMinutes, sum)
		faults = append(faults, FieldError{Pointer: "/durationMinutes", Message: message}, FieldError{Pointer: "/phases", Message: message})
	default:
		faults = append(faults, c.tooLong(sum)...)
	}
	return faults
}

// tooLong names the parts of a service that are longer than a day together.
func (c OfferService) tooLong(duration int) []FieldError {
	const longestBuffer = 480
	known := within(c.PreBufferMinutes, 0, longestBuffer) && within(c.PostBufferMinutes, 0, longestBuffer) &&
		within(c.DurationMinutes, 0, domain.MaxServiceMinutes)
	if !known || c.PreBufferMinutes+duration+c.PostBufferMinutes <= domain.MaxServiceMinutes {
		return nil
	}
	message := fmt.Sprintf("must be at most %d minutes, with the buffers", domain.MaxServiceMinutes)
	var faults []FieldError
	for _, part := range []struct {
		pointer string
		there   bool
	}{
		{"/durationMinutes", c.DurationMinutes > 0},
		{"/phases", len(c.Phases) > 0},
		{"/preBufferMinutes", c.PreBufferMinutes > 0},
		{"/postBufferMinutes", c.PostBufferMinutes > 0},
	} {
		if part.there {
			faults = append(faults, FieldError{Pointer: part.pointer, Message: message})
		}
	}
	return faults
}

func within(n, least, most int) bool { return least <= n && n <= most }
