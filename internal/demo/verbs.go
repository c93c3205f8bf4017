package demo

import "github.com/royalglow/booking/internal/demo/check"

// verb is something that people do, and how often.
type verb struct {
	action check.Action
	// share is its part in a thousand commands, once everything has been seen.
	share float64
	// from is the number of the salon's command at which it may first come. What is rare comes early, so that a short run has it.
	from int
	// early is how many may come at once then, before the share counts.
	early float64
	// find returns a want of the verb, or nil. The salon's lock is held.
	find func() *want
}

const (
	// maxDebt bounds how far requests, which are always possible, may run ahead of the other verbs while the pages lag: past
	// it people wait for their pages.
	maxDebt = 15
	// crowd is how many bookings ahead a salon is meant to have. Past it more of them are ended than begun, so that neither the
	// diary nor a customer's cap ever fills.
	crowd = 40
	// ahead is how many a salon has before visits are asked for as well, and below which none is rejected or cancelled: what is
	// rarely done needs something that it can be done to.
	ahead = 4
	// visitors is how many customers are at the salon, or about to come, at once: each takes an hour of a member at most.
	visitors = 5
	// rare is the share below which a verb is not made up for when it could not be used for a while.
	rare = 10
)

// verbs lists what people do. Most of it is to book, to approve, and the visits themselves.
func (s *salon) verbs() []verb {
	return []verb{
		{check.Request, 200, 0, 0, s.wantsBooking},
		{check.WalkIn, 55, 2, 0, s.wantsIn},
		{check.Approve, 140, 0, 0, s.wantsApproval},
		{check.Reject, 25, 6, 1, s.wantsRejection},
		{check.Cancel, 75, 8, 1, s.wantsCancellation},

		{check.Reschedule, 22, 12, 1, s.wantsOtherTime},
		{check.Assign, 16, 14, 1, s.wantsColleague},
		{check.Unassign, 7, 18, 1, s.wantsNobody},
		{check.AddService, 11, 16, 1, s.wantsMore},
		{check.RemoveService, 8, 22, 1, s.wantsLess},
		{check.ChangeDuration, 7, 24, 1, s.wantsLonger},

		{check.CheckIn, 85, 0, 0, s.wantsCheckIn},
		{check.Start, 110, 0, 0, s.wantsStart},
		{check.Finish, 110, 0, 0, s.wantsFinish},
		{check.Complete, 95, 0, 0, s.wantsToPay},

		{check.NoShow, 5, 8, tooOften, s.wantsNoShow},
		{check.Correct, 6, 30, 1, s.wantsCorrection},
		{check.ClearStanding, 1, 0, 1, s.wantsClearing},
		{check.EraseCustomer, 1, 48, 1, s.wantsForgetting},

		{check.AddNote, 16, 20, 3, s.wantsNote},
		{check.RedactNote, 4, 32, 1, s.wantsNoteGone},

		{check.RequestLeave, 7, 20, 3, s.wantsLeave},
		{check.WithdrawLeave, 1.5, 38, 1, s.wantsLeaveBack},
		{check.ApproveLeave, 3.5, 24, 1, s.wantsLeaveGranted},
		{check.RejectLeave, 1.5, 34, 1, s.wantsLeaveDeclined},
		{check.RevokeLeave, 2.5, 60, 1, s.wantsLeaveRevoked},
		{check.MarkOff, 1.5, 44, 1, s.wantsMarkOff},

		{check.OpenBranch, 1, 40, 1, s.wantsBranch},
		{check.SetPolicy, 1, 46, 1, s.wantsPolicy},
		{check.SetHours, 1, 52, 1, s.wantsHours},
		{check.DeclareClosure, 1, 56, 1, s.wantsClosure},
		{check.LiftClosure, 1, 70, 1, s.wantsReopening},

		{check.OfferService, 1, 26, 1, s.wantsOffer},
		{check.JoinStaff, 1, 28, 1, s.wantsArtist},
		{check.SetShifts, 1, 36, 1, s.wantsShifts},
		{check.SetSkills, 1, 42, 1, s.wantsSkills},
		{check.WithdrawService, 1, 80, 1, s.wantsOfferGone},
		{check.LeaveStaff, 1, 86, 1, s.wantsArtistGone},
	}
}

// open gives every verb what may come early.
func (s *salon) open() {
	for _, v := range s.verbs() {
		s.credit[v.action] = v.early
	}
}

// most is the credit that a verb may save up: what is rare is not made up for when it could not be used for a while.
func (v verb) most() float64 {
	if v.share < rare {
		return max(1, v.early)
	}
	return 3
}

// earns is the credit that a verb earns with each command. In a crowded salon more bookings are ended than begun.
func (v verb) earns(crowded bool) float64 {
	share := v.share
	switch {
	case crowded && v.action == check.Request:
		share -= 80
	case crowded && v.action == check.Cancel:
		share += 80
	}
	return share / 1000
}
