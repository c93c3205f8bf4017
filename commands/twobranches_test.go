package commands_test

import (
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// Who works from nine to six in Berlin and joins Kathmandu is not at both: until shifts are set for him in Kathmandu no command
// takes him there, at whatever hour.
func TestWhoHasShiftsAtOneBranchIsNotTakenAtAnotherWithout(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	ctx := t.Context()
	_, err := s.OpenBranch(ctx, owner, s.key(), commands.OpenBranch{BranchID: otherBranch, Name: "Thamel", TimeZone: "Asia/Kathmandu", Currency: "NPR"})
	s.must(err)
	_, err = s.OfferService(ctx, owner, s.key(), commands.OfferService{BranchID: otherBranch, ServiceID: cut, Name: "Cut", DurationMinutes: 30})
	s.must(err)
	shifts := func(branchID string, from, to int) {
		s.must(err1(s.SetShifts(ctx, owner, s.key(), commands.SetShifts{BranchID: branchID, StaffID: anna, TimetableChange: daily(from, to)})))
	}
	for _, id := range []string{anna, boris} {
		s.must(err1(s.JoinStaff(ctx, owner, s.key(), commands.JoinStaff{BranchID: otherBranch, StaffID: id})))
	}
	shifts(branch, 9, 18)
	there := func(staffID string, at time.Time) (commands.Receipt, error) {
		w := wish(staffID, at)
		w.BranchID = otherBranch
		return s.RequestBooking(ctx, carla, s.key(), w)
	}
	early, noon := opening.Add(-8*time.Hour), opening // 04:00 and 12:00 in Berlin
	for _, at := range []time.Time{early, noon, opening.Add(10 * time.Hour)} {
		_, err := there(anna, at)
		wantRefusal(t, err, domain.Unprocessable, domain.CodeStaffOffShift)
	}
	r, err := there(boris, early) // who has no shifts anywhere works as it comes
	s.must(err)
	_, err = s.AssignStaff(ctx, owner, s.seen(r), commands.AssignStaff{BookingID: r.ID, SegmentID: "seg_1", StaffID: anna})
	wantRefusal(t, err, domain.Unprocessable, domain.CodeStaffOffShift)
	_, err = s.CreateWalkIn(ctx, owner, s.key(), commands.CreateWalkIn{
		BranchID: otherBranch, CustomerID: dora.UserID, Services: []commands.RequestedService{{ServiceID: cut, StaffID: anna}},
	})
	wantRefusal(t, err, domain.Unprocessable, domain.CodeStaffOffShift)
	s.reads.staff = []string{anna, boris}
	r, err = there("", early.Add(time.Hour))
	s.must(err)
	if b := s.booking(r.ID); b.Segments[0].StaffID != boris {
		t.Errorf("%s is proposed", b.Segments[0].StaffID)
	}
	s.must(err1(s.request(carla, anna, opening))) // in Berlin he is
	shifts(otherBranch, 6, 12)                    // until 08:15 in Berlin
	s.must(err1(there(anna, early)))
	s.mustStand()
}
