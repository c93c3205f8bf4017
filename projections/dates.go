package projections

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// startOf returns 00:00 UTC of a valid date; the zero time of another.
func startOf(date string) time.Time {
	day, err := time.Parse(domain.DayFormat, date)
	if err != nil {
		return time.Time{}
	}
	return day
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
