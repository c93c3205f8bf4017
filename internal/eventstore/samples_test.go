package eventstore_test

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// samples holds one event of every type with every field filled, as it is written to disk. The goldens are made of them.
func samples() []domain.Event {
	ref := domain.BookingRef{BookingID: "bkg_7Yq2mLx0", CustomerID: "usr_priya01", BranchID: "br_juhu001", TimeZone: "Asia/Kolkata"}
	start := time.Date(2026, 3, 14, 18, 0, 0, 0, time.UTC)
	end := start.Add(45 * time.Minute)
	segment := domain.Segment{
		SegmentID: "seg_1", ServiceID: "svc_haircut", ServiceName: "Haircut & finish", StaffID: "stf_anita01", DurationMinutes: 45,
		PriceMinor: 120000, StartAt: start, EndAt: end, LocalDates: []string{"2026-03-14", "2026-03-15"}, LocalStart: "23:30",
	}
	policy := domain.Policy{LeadMinutes: 60, HorizonDays: 30, ActiveCap: 3, CancelCutoffMinutes: 240}
	claim := domain.Claim{ClaimID: "clm_5", SegmentID: "seg_1", StaffID: "stf_anita01", StartAt: start, EndAt: end}
	slot := domain.Slot{
		SegmentID: "seg_1", StaffID: "stf_anita01", Kind: domain.SlotFirm, StartAt: start, EndAt: end,
		LocalDates: []string{"2026-03-14", "2026-03-15"},
	}
	tentative := slot
	tentative.Kind = domain.SlotTentative
	diff := domain.SlotDiff{Taken: []domain.Slot{slot}, Freed: []domain.Slot{tentative}}
	segments, claims := []domain.Segment{segment}, []domain.Claim{claim}
	return []domain.Event{
		domain.BookingRequested{
			BookingRef: ref, Segments: segments, TotalMinor: 120000, Currency: "INR", StartAt: start, EndAt: end, Policy: policy,
			Claims: claims, Slots: diff,
		},
		domain.BookingConfirmed{BookingRef: ref, FromStatus: domain.StatusPending, Segments: segments, Claims: claims, Slots: diff},
		domain.BookingRejected{
			BookingRef: ref, FromStatus: domain.StatusPending, ReasonCode: "salon_closed", Reason: "We are closed that day.",
			Segments: segments, Claims: claims, Slots: diff,
		},
		domain.BookingCancelled{
			BookingRef: ref, FromStatus: domain.StatusConfirmed, CancelledBy: domain.PartyCustomer, ReasonCode: "illness",
			Reason: "Caught a cold.", Late: true, NoticeMinutes: 90, Segments: segments, Claims: claims, Slots: diff,
		},
		domain.BookingStaffAssigned{
			BookingRef: ref, Status: domain.StatusConfirmed, Segment: segment, PreviousStaffID: "stf_meera01", Claims: claims, Slots: diff,
		},
		domain.BookingClaimFenced{BookingID: ref.BookingID, ClaimIDs: []string{"clm_5", "clm_6"}},
		domain.BookingAbandoned{BookingID: ref.BookingID, ClaimIDs: []string{"clm_5"}},
		domain.StaffDayClaimed{Claim: claim, Day: "2026-03-14", BookingID: ref.BookingID},
		domain.StaffDayReleased{
			ClaimID: "clm_5", StaffID: "stf_anita01", Day: "2026-03-14", BookingID: ref.BookingID, Why: domain.ReleaseDropped,
		},
		domain.StaffJoined{StaffID: "stf_anita01", BranchID: ref.BranchID, Skills: []string{"svc_haircut"}},
		domain.BranchOpened{BranchID: ref.BranchID, Name: "Juhu", TimeZone: "Asia/Kolkata", Currency: "INR", Policy: policy},
		domain.BranchPolicySet{BranchID: ref.BranchID, Policy: policy},
		domain.BranchServiceOffered{BranchID: ref.BranchID, Service: domain.Service{
			ServiceID: "svc_haircut", Name: "Haircut & finish", DurationMinutes: 45, PriceMinor: 120000,
		}},
	}
}
