package httpapi

import (
	"context"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/projections"
)

const (
	// feedPast is how far back a calendar goes; it has all that is to come.
	feedPast = 31 * 24 * time.Hour
	// feedMost bounds the bookings in a calendar.
	feedMost = 2000
	// feedRefresh is how often calendar programs are asked to read again (RFC 5545 duration).
	feedRefresh = "PT15M"
)

// feed writes a reader's calendar.
func (s *server) feed(ctx context.Context, reader Session) (string, error) {
	cal := ics.NewCalendarFor("booking")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXPublishedTTL(feedRefresh)
	cal.SetRefreshInterval(feedRefresh) // whose name has the type of the value in it already
	cal.SetXWRCalName("Bookings")
	places, err := s.branchNames(ctx)
	if err != nil {
		return "", err
	}
	views, err := s.feedBookings(ctx, reader)
	if err != nil {
		return "", err
	}
	for _, v := range views {
		if reader.Role == domain.RoleCustomer {
			addVisit(cal, v, places[v.BranchID])
			continue
		}
		for _, g := range v.Segments {
			if g.StaffID == reader.StaffID {
				addWork(cal, v, g, places[v.BranchID])
			}
		}
	}
	if reader.Role == domain.RoleStaff {
		if err := s.addLeave(ctx, cal, reader); err != nil {
			return "", err
		}
	}
	return cal.Serialize(ics.WithNewLineWindows), nil
}

// feedBookings reads the bookings of a calendar, as the reader may see them.
func (s *server) feedBookings(ctx context.Context, reader Session) (views []BookingView, err error) {
	filter := projections.BookingFilter{
		Branches: projections.EveryBranch(), From: s.Now().Add(-feedPast), Limit: projections.MaxLimit,
	}
	for _, status := range domain.Statuses() {
		if status.Open() || status == domain.StatusCompleted {
			filter.Statuses = append(filter.Statuses, status)
		}
	}
	if !reader.narrow(&filter, "") {
		return nil, nil
	}
	for {
		page, err := s.Queries.Bookings(ctx, filter, 0)
		if err != nil {
			return nil, err
		}
		some, err := s.views(ctx, reader, page.Bookings)
		if err != nil {
			return nil, err
		}
		if views = append(views, some...); page.Next == "" || len(views) >= feedMost {
			return views, nil
		}
		filter.After = page.Next
	}
}

func (s *server) branchNames(ctx context.Context) (map[string]string, error) {
	list, err := s.Queries.Branches(ctx, projections.EveryBranch(), 0)
	names := make(map[string]string, len(list.Branches))
	for _, b := range list.Branches {
		names[b.ID] = b.Name
	}
	return names, err
}

// addVisit adds a customer's booking.
func addVisit(cal *ics.Calendar, v BookingView, place string) {
	services := make([]string, 0, len(v.Segments))
	for _, g := range v.Segments {
		services = append(services, g.ServiceName)
	}
	event := cal.AddEvent(v.ID)
	stamp(event, v, place)
	event.SetStartAt(v.StartAt)
	event.SetEndAt(v.EndAt)
	event.SetSummary(strings.Join(services, ", "))
	if v.Status == domain.StatusPending {
		event.SetStatus(ics.ObjectStatusTentative)
	}
}

// addWork adds a service that a member of staff does.
func addWork(cal *ics.Calendar, v BookingView, g SegmentView, place string) {
	event := cal.AddEvent(v.ID + "-" + g.SegmentID)
	stamp(event, v, place)
	event.SetStartAt(g.StartAt)
	event.SetEndAt(g.EndAt)
	summary := g.ServiceName
	if v.CustomerName != "" {
		summary += " – " + v.CustomerName
	}
	event.SetSummary(summary)
}

// stamp says what all entries of a booking have in common.
func stamp(event *ics.VEvent, v BookingView, place string) {
	event.SetDtStampTime(v.UpdatedAt)
	event.SetLastModifiedAt(v.UpdatedAt)
	event.SetSequence(int(v.Revision))
	event.SetLocation(place)
	event.SetDescription(v.Number)
	event.SetStatus(ics.ObjectStatusConfirmed)
	event.SetClass(ics.ClassificationPrivate)
}

// addLeave adds the member's approved leave.
func (s *server) addLeave(ctx context.Context, cal *ics.Calendar, reader Session) error {
	page, err := s.Queries.Leaves(ctx, projections.LeaveFilter{
		Branches: projections.EveryBranch(), StaffID: reader.StaffID, Statuses: []domain.LeaveStatus{domain.LeaveGranted},
		FromDate: s.Now().Add(-feedPast).UTC().Format(domain.DayFormat), Limit: projections.MaxLimit,
	}, 0)
	for _, l := range page.Leaves {
		event := cal.AddEvent(l.LeaveID)
		event.SetDtStampTime(l.RequestedAt)
		event.SetSequence(int(l.Revision))
		event.SetStartAt(l.StartAt)
		event.SetEndAt(l.EndAt)
		event.SetSummary("Off")
		event.SetClass(ics.ClassificationPrivate)
	}
	return err
}
