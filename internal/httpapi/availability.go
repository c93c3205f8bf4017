package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections/availability"
)

func (s *server) availabilityRoutes() {
	register(s, operation{
		id: "getAvailability", method: http.MethodGet, path: branchPath + "/availability", tag: branchesTag,
		summary: "Find the times at which services are free",
		detail: "Times are proposals: between the answer and the booking somebody else may be faster, and a start off their grid may be " +
			"booked as well. Customers are held to the " +
			"lead time, the horizon and their cap, and are not offered times at which they have another booking.",
		response: AvailabilityView{},
	}, s.getAvailability)
}

type availabilityInput struct {
	BranchID         string `path:"id" doc:"The branch's id."`
	From             string `query:"from" doc:"The first branch-local date (YYYY-MM-DD); required."`
	To               string `query:"to" doc:"The last branch-local date, at most 31 days in all; from unless given."`
	ServiceIDs       string `query:"serviceIds" doc:"The services, in the order in which they are done, with commas; required, at most 10."`
	StaffID          string `query:"staffId" doc:"Who shall do each service, with commas, or one for all; any (the default) is whoever is free."`
	ExcludeBookingID string `query:"excludeBookingId" doc:"A booking that is to be moved: its own time counts as free."`
	PositionInput
}

type availabilityOutput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte // an AvailabilityView, see writeAvailability
}

// AvailabilityView is the free times of some dates.
type AvailabilityView struct {
	TimeZone string              `json:"timeZone" doc:"The branch's IANA zone."`
	Position eventstore.Position `json:"position" doc:"How far the answer has seen the log."`
	Step     int                 `json:"step" doc:"Minutes between the starts that are looked at, from local midnight on."`
	Days     []DayView           `json:"days" doc:"All that were asked for, ascending."`
}

// DayView is the free times of one date.
type DayView struct {
	Date   string              `json:"date" doc:"On the branch's calendar."`
	Closed bool                `json:"closed" doc:"The branch does not open at all."`
	Reason availability.Reason `json:"reason,omitempty" doc:"Why there are no slots."`
	Slots  []FreeView          `json:"slots" doc:"Ascending by start."`
}

// FreeView is a start at which all services are free.
type FreeView struct {
	StartAt    time.Time         `json:"startAt"`
	EndAt      time.Time         `json:"endAt"`
	LocalStart string            `json:"localStart" doc:"HH:MM on the branch's clocks."`
	UTCOffset  string            `json:"utcOffset" doc:"How far those clocks are ahead of UTC then, such as +05:30."`
	Remaining  int               `json:"remaining" doc:"How often it could be booked at this time at most."`
	Segments   []FreeSegmentView `json:"segments" doc:"The services, in the order in which they are done."`
}

// FreeSegmentView is one of the services.
type FreeSegmentView struct {
	ServiceID string    `json:"serviceId"`
	StartAt   time.Time `json:"startAt"`
	EndAt     time.Time `json:"endAt"`
	StaffIDs  []string  `json:"staffIds,omitempty" doc:"Who could do it. Not shown to customers."`
}

func (s *server) getAvailability(ctx context.Context, in *availabilityInput) (*availabilityOutput, error) {
	session := sessionOf(ctx)
	p := s.parameters(ctx)
	query := in.query(p)
	if err := p.err(); err != nil {
		return nil, err
	}
	if query.ExceptBookingID != "" {
		if _, _, err := s.visibleBooking(ctx, query.ExceptBookingID, ""); err != nil {
			return nil, err
		}
	}
	if session.Role == domain.RoleCustomer {
		if err := s.bind(ctx, &query, session.UserID); err != nil {
			return nil, err
		}
	}
	answer, err := s.Availability.Days(ctx, query)
	if err != nil {
		return nil, err
	}
	text := writeAvailability(answer, session.Role == domain.RoleCustomer)
	return &availabilityOutput{ContentType: "application/json", Body: text}, nil
}

// query reads the parameters.
func (in *availabilityInput) query(p *parameters) availability.Query {
	from, to := p.dates(in.From, in.To, availability.MaxDays)
	q := availability.Query{
		BranchID: p.id("id", domain.BranchPrefix, in.BranchID), FromDate: from, ToDate: to,
		ServiceIDs:      list(in.ServiceIDs),
		ExceptBookingID: p.id("excludeBookingId", domain.BookingPrefix, in.ExcludeBookingID),
		Lowest:          p.position(in.MinPosition),
	}
	if len(q.ServiceIDs) == 0 || len(q.ServiceIDs) > availability.MaxServices {
		p.wrong("serviceIds", "must be one to ten services, with commas")
	}
	for _, id := range q.ServiceIDs {
		if !domain.ValidID(domain.ServicePrefix, id) {
			p.wrong("serviceIds", "must be ids of the form svc_…, with commas")
			break
		}
	}
	q.StaffIDs = staffWishes(p, in.StaffID, len(q.ServiceIDs))
	return q
}

// staffWishes reads who shall do each of n services; empty is anyone.
func staffWishes(p *parameters, text string, n int) []string {
	wishes := list(text)
	if len(wishes) > 1 && len(wishes) != n {
		p.wrong("staffId", "must be one, or one for each service")
	}
	for i, id := range wishes {
		switch {
		case id == "any":
			wishes[i] = ""
		case !domain.ValidID(domain.StaffPrefix, id):
			p.wrong("staffId", "must be any or ids of the form stf_…, with commas")
			return nil
		}
	}
	if len(wishes) == 1 {
		for range n - 1 {
			wishes = append(wishes, wishes[0])
		}
	}
	return wishes
}

// bind adds what a customer is held to.
func (s *server) bind(ctx context.Context, q *availability.Query, customerID string) error {
	q.Customer = true
	visits, err := s.Queries.OpenVisits(ctx, customerID)
	for _, v := range visits {
		if v.BookingID == q.ExceptBookingID {
			continue
		}
		q.Avoid = append(q.Avoid, v.Interval)
		if v.Status.Ahead() && q.ExceptBookingID == "" { // who moves a booking has no more of them
			q.Ahead++
		}
	}
	return err
}
