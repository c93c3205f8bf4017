package commands

import (
	"context"

	"github.com/royalglow/booking/domain"
)

// ApproveBooking makes a pending booking firm, with the staff that is held or with other staff. The desk of the booking's
// branch may issue it, where the customer was flagged when he asked, and still is, only a manager; If-Match is required.
type ApproveBooking struct {
	BookingID   string            `json:"bookingId" validate:"required,id=bkg" doc:"The booking."`
	Assignments []Assignment      `json:"assignments,omitempty" validate:"max=20,unique=SegmentID,dive" doc:"The services that other staff shall do; all others keep theirs."`
	Overrides   []domain.Override `json:"overrides,omitempty" validate:"max=2,unique,dive,oneof=hours buffer" doc:"The limits that the desk passes over."`
}

// Assignment gives one segment of a booking to a member of staff.
type Assignment struct {
	SegmentID string `json:"segmentId" validate:"required,segment" doc:"A service of the booking."`
	StaffID   string `json:"staffId" validate:"required,id=stf" doc:"Who shall do it."`
}

// ApproveBooking runs the command. It fails with BOOKING_SLOT_UNAVAILABLE where assigned staff is not free, and with
// STAFF_NOT_QUALIFIED where somebody who was held has left; the booking then stays pending with what it holds.
func (s *Service) ApproveBooking(ctx context.Context, by Caller, o Options, c ApproveBooking) (Receipt, error) {
	return s.changeBooking(ctx, by, o, change{
		name: "approve_booking", bookingID: c.BookingID, body: c, may: deskOnly, admit: ofDesk(by),
		decide: func(ctx context.Context, b domain.Booking) ([]domain.BookingEvent, error) {
			if err := s.mayApprove(ctx, by, b); err != nil {
				return nil, err
			}
			confirm := domain.Confirm{
				Staff: assigned(c.Assignments), Overrides: c.Overrides, Now: s.now(), NewClaimID: s.claimID,
			}
			var err error
			if confirm.Roster, err = s.rosterFor(ctx, b, confirm.Staff); err != nil {
				return nil, err
			}
			// Hardly ever has one of them left. Read models know that a moment later; whom they doubt is looked up.
			doubted, err := s.reads.Doubted(ctx, b.BranchID, confirm.Keeps(b))
			if err != nil {
				return nil, err
			}
			if err = s.enlist(ctx, confirm.Roster, doubted...); err != nil {
				return nil, err
			}
			return b.Confirm(confirm)
		},
	})
}

// mayApprove leaves to managers what was requested while the customer's standing asked for one, unless he has been cleared since.
// A booking keeps the terms that it was requested under: one that was requested in good standing needs no manager, whatever has
// come since, so that the customer's standing is read for those alone that do.
func (s *Service) mayApprove(ctx context.Context, by Caller, b domain.Booking) error {
	if b.Status != domain.StatusPending || !b.RequiresManager || by.Role.Manager() {
		return nil
	}
	customer, err := s.standing(ctx, b.CustomerID)
	if err == nil && customer.NeedsApproval {
		err = domain.Refuse(domain.Forbidden, domain.CodeNeedsManager, "this customer's bookings take a manager's approval")
	}
	return err
}

// assigned maps segments to members.
func assigned(assignments []Assignment) map[string]string {
	staff := make(map[string]string, len(assignments))
	for _, a := range assignments {
		staff[a.SegmentID] = a.StaffID
	}
	return staff
}

// rosterFor loads what a choice of staff needs. Where nobody new is chosen the branch is not asked, and only the location is
// needed.
func (s *Service) rosterFor(ctx context.Context, b domain.Booking, staff map[string]string) (domain.Roster, error) {
	var others []string
	for id, staffID := range staff {
		if segment, ok := b.Segment(id); ok && segment.StaffID != staffID {
			others = append(others, staffID)
		}
	}
	if len(others) > 0 {
		return s.roster(ctx, b.BranchID, b.TimeZone, others...)
	}
	loc, err := s.locationOf(b)
	return domain.Roster{Location: loc, Members: map[string]domain.Staff{}}, err
}
