package commands

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// Start says when something begins: as an instant, or as the clocks of the branch show it. One of the two forms is given.
type Start struct {
	StartAt   time.Time `json:"startAt,omitzero" validate:"required_without=Date,excluded_with=Date,omitempty,instant" doc:"When it begins: an instant on a whole minute. It does not go with date."`
	Date      string    `json:"date,omitempty" validate:"omitempty,date" doc:"When it begins: the date on the branch's calendar, with startTime."`
	StartTime string    `json:"startTime,omitempty" validate:"required_with=Date,excluded_without=Date,omitempty,clock" doc:"When it begins on date, on the branch's clocks. A time that the clocks skip is refused."`
	UTCOffset string    `json:"utcOffset,omitempty" validate:"excluded_without=Date,omitempty,offset" doc:"Of a time that the clocks show twice, how far they are ahead of UTC when it is meant; the first without it."`
}

// canonical makes equal starts look alike: the same instant in another zone is the same command.
func (s Start) canonical() Start {
	s.StartAt = s.StartAt.UTC()
	return s
}

// in returns the instant on the clocks of loc.
func (s Start) in(loc *time.Location) (time.Time, error) {
	if s.Date == "" {
		return s.StartAt, nil
	}
	var at domain.Minute
	if err := at.UnmarshalText([]byte(s.StartTime)); err != nil {
		return time.Time{}, errInvalid(FieldError{Pointer: "/startTime", Message: "must be a time such as 09:30"})
	}
	if s.UTCOffset != "" {
		offset, _ := parseOffset(s.UTCOffset)
		if start, ok := domain.ResolveOffset(s.Date, int(at), offset, loc); ok {
			return start, nil
		}
		return time.Time{}, errNoSuchTime("the clocks of the branch do not show that time with that offset")
	}
	start, kind, _ := domain.ResolveLocal(s.Date, int(at), loc)
	if kind == domain.LocalNever {
		return time.Time{}, errNoSuchTime("the clocks of the branch skip that time")
	}
	return start, nil
}

func errNoSuchTime(message string) *domain.Refusal {
	return domain.Refuse(domain.Unprocessable, domain.CodeNoSuchTime, "%s", message)
}

// parseOffset reads how far a clock is ahead of UTC: "+05:30", "-03:00" or "Z".
func parseOffset(text string) (time.Duration, bool) {
	t, err := time.Parse("Z07:00", text)
	if err != nil {
		return 0, false
	}
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second, true
}
