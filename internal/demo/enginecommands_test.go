package demo_test

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

func (e *engine) putBranch(c call) (any, error) {
	o := struct {
		Name, TimeZone, Currency string
		Policy                   domain.Policy
	}{}
	if err := c.into(&o); err != nil {
		return nil, err
	}
	facts, err := e.branches[c.PathValue("id")].Establish(domain.OpenBranch{
		BranchID: c.PathValue("id"), Name: o.Name, TimeZone: o.TimeZone, Currency: o.Currency, Policy: o.Policy,
	})
	return e.branchChanged(c, facts, err)
}

func (e *engine) putService(c call) (any, error) {
	s := domain.Service{ServiceID: c.PathValue("service")}
	if err := c.into(&s); err != nil {
		return nil, err
	}
	facts, err := e.branches[c.PathValue("id")].Offer(s)
	return e.branchChanged(c, facts, err)
}

func (e *engine) branchChanged(c call, facts []domain.BranchEvent, err error) (any, error) {
	id := c.PathValue("id")
	var rec eventstore.Recorded
	for _, f := range facts {
		e.branches[id] = e.branches[id].Evolve(f)
		rec = e.append(domain.BranchStream(id), 0, c.actor(), f)
	}
	return receipt{ID: id, Position: rec.Position}, err
}

func (e *engine) putStaff(c call) (any, error) {
	var join struct{ Skills []string }
	if err := c.into(&join); err != nil {
		return nil, err
	}
	id := c.PathValue("staff")
	var rec eventstore.Recorded
	for _, f := range e.staff[id].Join(id, c.PathValue("id"), join.Skills) {
		e.staff[id] = e.staff[id].Evolve(f)
		rec = e.append(domain.StaffStream(id), 0, c.actor(), f)
	}
	return receipt{ID: id, Position: rec.Position}, nil
}

func (e *engine) request(c call) (any, error) {
	var body struct {
		BranchID string
		StartAt  time.Time
		Services []struct{ ServiceID, StaffID string }
	}
	if err := c.into(&body); err != nil {
		return nil, err
	}
	branch := e.branches[body.BranchID]
	zone, err := time.LoadLocation(branch.TimeZone)
	if err != nil {
		return nil, err
	}
	id := "bkg_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	r := domain.Request{
		BookingID: id, CustomerID: c.user.ID, Branch: branch, Location: zone, StartAt: body.StartAt, Actor: c.actor(),
		Now: time.Now(), NewClaimID: uuid.NewString,
	}
	start := body.StartAt
	for _, s := range body.Services {
		service := branch.Services[s.ServiceID]
		end := start.Add(time.Duration(service.DurationMinutes) * time.Minute)
		staff, err := e.staffFor(id, branch.BranchID, s.ServiceID, s.StaffID, start, end)
		if err != nil {
			return nil, err
		}
		r.Services = append(r.Services, domain.ServiceChoice{Service: service, StaffID: staff})
		start = end
	}
	facts, err := domain.Booking{}.Request(r)
	return e.bookingChanged(c, id, facts, err)
}

// staffFor finds somebody who can and may do the service then; wished is the customer's choice, if he has one.
func (e *engine) staffFor(booking, branch, service, wished string, start, end time.Time) (string, error) {
	for id, s := range e.staff {
		if (wished == "" || wished == id) && s.Performs(branch, service) && e.free(booking, id, start, end) {
			return id, nil
		}
	}
	return "", domain.ErrSlotUnavailable()
}

func (e *engine) free(booking, staff string, start, end time.Time) bool {
	for id, b := range e.bookings {
		for _, s := range b.Slots() {
			if id != booking && s.StaffID == staff && s.StartAt.Before(end) && start.Before(s.EndAt) {
				return e.overbook
			}
		}
	}
	return true
}

func (e *engine) bookingChanged(c call, id string, facts []domain.BookingEvent, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	revision := e.revision(id)
	var rec eventstore.Recorded
	for _, f := range facts {
		revision++
		e.bookings[id] = e.bookings[id].Evolve(f)
		rec = e.append(domain.BookingStream(id), revision, c.actor(), f)
	}
	return receipt{ID: id, Revision: revision, Position: rec.Position}, nil
}

// revision is that of the booking's last event.
func (e *engine) revision(id string) eventstore.Revision {
	revision := eventstore.NoStream
	for _, rec := range e.log {
		if rec.Stream == domain.BookingStream(id) {
			revision = rec.Revision
		}
	}
	return revision
}

func (e *engine) change(c call) (any, error) {
	var body struct {
		Action             string
		Assignments        []struct{ SegmentID, StaffID string }
		SegmentID, StaffID string
		ReasonCode, Reason string
	}
	if err := c.into(&body); err != nil {
		return nil, err
	}
	id := c.PathValue("id")
	b, ok := e.bookings[id]
	if !ok {
		return nil, domain.ErrBookingNotFound()
	}
	if match := c.Header.Get("If-Match"); match != strconv.Quote(fmt.Sprint(e.revision(id))) {
		return nil, domain.Refuse(domain.Stale, domain.CodeStale, "revision %d is not %s", e.revision(id), match)
	}
	staff := map[string]string{}
	if body.Action == "assign" {
		staff[body.SegmentID] = body.StaffID
	}
	for _, a := range body.Assignments {
		staff[a.SegmentID] = a.StaffID
	}
	for segment, member := range staff {
		s, _ := b.Segment(segment)
		if _, err := e.staffFor(id, b.BranchID, s.ServiceID, member, s.StartAt, s.EndAt); err != nil {
			return nil, err
		}
	}
	var facts []domain.BookingEvent
	var err error
	switch body.Action {
	case "approve":
		facts, err = b.Confirm(domain.Confirm{Staff: staff, Now: time.Now(), NewClaimID: uuid.NewString})
	case "reject":
		facts, err = b.Reject(domain.Reject{ReasonCode: body.ReasonCode, Reason: body.Reason})
	case "cancel":
		facts, err = b.Cancel(domain.Cancel{
			By: c.actor().Party(), ReasonCode: body.ReasonCode, Reason: body.Reason, Now: time.Now(),
		})
	case "assign":
		facts, err = b.Assign(domain.Assign{SegmentID: body.SegmentID, StaffID: body.StaffID, NewClaimID: uuid.NewString})
	}
	return e.bookingChanged(c, id, facts, err)
}

func (e *engine) view(id string) map[string]any {
	b := e.bookings[id]
	return map[string]any{"id": id, "status": b.Status, "revision": e.revision(id), "segments": b.Segments}
}

func (e *engine) read(c call) (any, error) {
	id := c.PathValue("id")
	if _, ok := e.bookings[id]; !ok {
		return nil, domain.ErrBookingNotFound()
	}
	c.header.Set("ETag", strconv.Quote(fmt.Sprint(e.revision(id))))
	return e.view(id), nil
}

func (e *engine) list(c call) (any, error) {
	views := []map[string]any{}
	for id, b := range e.bookings {
		if b.CustomerID == c.user.ID {
			views = append(views, e.view(id))
		}
	}
	return map[string]any{"bookings": views}, nil
}

func (e *engine) token(c call) (any, error) {
	var body struct{ BookingID string }
	if err := c.into(&body); err != nil {
		return nil, err
	}
	token, err := publishers.TokenIssuer{Key: e.key}.Issue(time.Now(), publishers.Grant{
		UserID: c.user.ID, Role: c.user.Role, StaffID: c.user.StaffID, BranchIDs: c.user.BranchIDs, Scoped: true,
		BookingID: body.BookingID,
	})
	return map[string]any{"token": token.Token}, err
}
