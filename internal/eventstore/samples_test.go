package eventstore_test

import (
	"time"

	"github.com/royalglow/booking/domain"
)

// The parts that the samples share; every field is filled.

func sampleStart() time.Time { return time.Date(2026, 3, 14, 18, 0, 0, 0, time.UTC) }

func sampleEnd() time.Time { return sampleStart().Add(45 * time.Minute) }

func sampleSealed() domain.Sealed {
	return domain.Sealed{KeyID: "key_4", Box: []byte("not for your eyes")}
}

func sampleRef() domain.BookingRef {
	name := sampleSealed()
	return domain.BookingRef{
		BookingID: "bkg_7Yq2mLx0", CustomerID: "usr_priya01", GuestName: &name, BranchID: "br_juhu001", TimeZone: "Asia/Kolkata",
	}
}

func sampleSegment() domain.Segment {
	return domain.Segment{
		SegmentID: "seg_1", ServiceID: "svc_haircut", ServiceName: "Haircut & finish", StaffID: "stf_anita01", DurationMinutes: 45,
		Phases:           []domain.Phase{{Kind: domain.PhaseActive, Minutes: 45}},
		PreBufferMinutes: 5, PostBufferMinutes: 10, PriceMinor: 120000, StartAt: sampleStart(), EndAt: sampleEnd(),
		LocalDates: []string{"2026-03-14", "2026-03-15"}, LocalStart: "23:30",
		StartedAt: sampleStart().Add(time.Minute), FinishedAt: sampleEnd(),
	}
}

func samplePlan() domain.Plan {
	return domain.Plan{
		Segments: []domain.Segment{sampleSegment()}, TotalMinor: 120000, Currency: "INR", StartAt: sampleStart(), EndAt: sampleEnd(),
	}
}

func samplePolicy() domain.Policy {
	return domain.Policy{
		LeadMinutes: 60, HorizonDays: 30, ActiveCap: 3, SlotStepMinutes: 15, CancelCutoffMinutes: 240,
		LateCancel: domain.LateCancelFlag, MaxReschedules: 2, RescheduleCutoffMinutes: 60, RescheduleReapprove: true,
		NoShowGraceMinutes: 15, ManualNoShowGraceMinutes: 15, PendingExpiryMinutes: 1440, AutoConfirm: true,
		StaffMayAddServices: true, BufferPastShift: true,
	}
}

func sampleClaim() domain.Claim {
	return domain.Claim{ClaimID: "clm_5", SegmentID: "seg_1", StaffID: "stf_anita01", StartAt: sampleStart(), EndAt: sampleEnd()}
}

func sampleHolding() domain.Holding {
	slot := domain.Slot{
		SegmentID: "seg_1", StaffID: "stf_anita01", Kind: domain.SlotFirm, StartAt: sampleStart(), EndAt: sampleEnd(),
		LocalDates: []string{"2026-03-14", "2026-03-15"},
	}
	tentative := slot
	tentative.Kind = domain.SlotTentative
	return domain.Holding{
		Claims: []domain.Claim{sampleClaim()}, Slots: domain.SlotDiff{Taken: []domain.Slot{slot}, Freed: []domain.Slot{tentative}},
	}
}

func sampleTimetable() domain.TimetableChange {
	day := []domain.TimeRange{{From: 10 * 60, To: 14 * 60}, {From: 15 * 60, To: 24 * 60}}
	return domain.TimetableChange{
		Pattern:  &domain.Pattern{EffectiveFrom: "2026-03-01", Week: domain.EveryDay(day...)},
		Override: &domain.DateOverride{Date: "2026-03-14", Ranges: day, Lifted: true},
	}
}

func sampleClosure() domain.Closure {
	return domain.Closure{
		ClosureID: "cls_holi01", FromDate: "2026-03-14", ToDate: "2026-03-15", Reason: "Holi", StartAt: sampleStart(), EndAt: sampleEnd(),
	}
}

func sampleLeave() domain.LeaveRef {
	from, to := domain.Minute(600), domain.Minute(720)
	return domain.LeaveRef{
		LeaveID: "lv_spring1", StaffID: "stf_anita01", Type: domain.LeaveCasual, FromDate: "2026-03-14", ToDate: "2026-03-15",
		FromTime: &from, ToTime: &to, TimeZone: "Asia/Kolkata", StartAt: sampleStart(), EndAt: sampleEnd(), MarkOff: true,
		Places: []domain.LeavePlace{{BranchID: "br_juhu001", LocalDates: []string{"2026-03-14", "2026-03-15"}}},
	}
}

func sampleConflicts() []domain.LeaveConflict {
	return []domain.LeaveConflict{{
		ClaimID: "clm_5", BookingID: "bkg_7Yq2mLx0", SegmentID: "seg_1", BranchID: "br_juhu001",
		StartAt: sampleStart(), EndAt: sampleEnd(),
	}}
}

// samples holds one event of every type with every field filled, as it is written to disk. The goldens are made of them.
func samples() []domain.Event {
	all := bookingSamples()
	all = append(all, visitSamples()...)
	all = append(all, staffSamples()...)
	all = append(all, branchSamples()...)
	return append(all, customerSamples()...)
}

func bookingSamples() []domain.Event {
	ref, plan, held, at := sampleRef(), samplePlan(), sampleHolding(), sampleStart().Add(-time.Hour)
	phone, overrides := sampleSealed(), []domain.Override{domain.OverrideHours}
	segment, segments := sampleSegment(), plan.Segments
	return []domain.Event{
		domain.BookingRequested{
			BookingRef: ref, Number: "BK-JUH-2603-H-7QK2M", Type: domain.ServiceSalon, Plan: plan, Policy: samplePolicy(),
			RequiresManager: true, Overrides: overrides, At: at, Holding: held,
		},
		domain.BookingWalkInCreated{
			BookingRef: ref, Number: "BK-JUH-2603-H-7QK2M", Type: domain.ServiceSalon, Plan: plan, Policy: samplePolicy(),
			Phone: &phone, Overrides: overrides, At: at, Holding: held,
		},
		domain.BookingConfirmed{
			BookingRef: ref, FromStatus: domain.StatusPending, Segments: segments, Auto: true, Overrides: overrides, Holding: held,
		},
		domain.BookingRejected{
			BookingRef: ref, FromStatus: domain.StatusPending, ReasonCode: "salon_closed", Reason: "We are closed that day.",
			Segments: segments, Holding: held,
		},
		domain.BookingCancelled{
			BookingRef: ref, FromStatus: domain.StatusConfirmed, CancelledBy: domain.PartyCustomer, ReasonCode: "illness",
			Reason: "Caught a cold.", Late: true, NoticeMinutes: 90, Segments: segments, At: at, Holding: held,
		},
		domain.BookingRescheduled{
			BookingRef: ref, FromStatus: domain.StatusConfirmed, ToStatus: domain.StatusPending, FromSegments: segments, Plan: plan,
			By: domain.PartyCustomer, CustomerReschedules: 1, DeskReschedules: 2, Reason: "Later suits you.", Overrides: overrides,
			At: at, Holding: held,
		},
		domain.BookingStaffAssigned{
			BookingRef: ref, Status: domain.StatusConfirmed, Segment: segment, PreviousStaffID: "stf_meera01", Overrides: overrides,
			Holding: held,
		},
		domain.BookingStaffUnassigned{
			BookingRef: ref, Status: domain.StatusConfirmed, Segment: segment, PreviousStaffID: "stf_meera01", Reason: "sick",
			Holding: held,
		},
		domain.BookingServiceAdded{
			BookingRef: ref, Status: domain.StatusConfirmed, Segment: segment, Plan: plan, Overrides: overrides, Holding: held,
		},
		domain.BookingServiceRemoved{
			BookingRef: ref, Status: domain.StatusConfirmed, Segment: segment, Plan: plan, Reason: "no time", Holding: held,
		},
		domain.BookingDurationChanged{
			BookingRef: ref, Status: domain.StatusConfirmed, Segment: segment, FromMinutes: 30, ToMinutes: 45, Plan: plan,
			Reason: "long hair", Overrides: overrides, Holding: held,
		},
		domain.BookingNoteAdded{
			BookingRef: ref, NoteID: "nt_first01", Visibility: domain.VisibleInternal, Body: sampleSealed(),
			AuthorID: "usr_desk001", AuthorRole: domain.RoleReceptionist,
		},
		domain.BookingNoteRedacted{
			BookingRef: ref, NoteID: "nt_first01", Visibility: domain.VisibleInternal, KeyID: "key_4", Reason: "wrong customer",
		},
		domain.BookingClaimFenced{BookingID: ref.BookingID, ClaimIDs: []string{"clm_5", "clm_6"}},
		domain.BookingAbandoned{BookingID: ref.BookingID, ClaimIDs: []string{"clm_5"}},
	}
}

func visitSamples() []domain.Event {
	ref, segment, held, at := sampleRef(), sampleSegment(), sampleHolding(), sampleStart()
	segments, dates := []domain.Segment{segment}, []string{"2026-03-14", "2026-03-15"}
	return []domain.Event{
		domain.BookingCheckedIn{
			BookingRef: ref, FromStatus: domain.StatusConfirmed, Segments: segments, ArrivedAt: at, LocalDates: dates,
		},
		domain.BookingSegmentStarted{
			BookingRef: ref, FromStatus: domain.StatusCheckedIn, Segment: segment, At: at, StaffIDs: []string{"stf_anita01"},
			LocalDates: dates,
		},
		domain.BookingSegmentFinished{BookingRef: ref, Segment: segment, At: at, Holding: held},
		domain.BookingCompleted{
			BookingRef: ref, FromStatus: domain.StatusInProgress, Segments: segments, PaymentMethod: domain.PaidUPI,
			PaidMinor: 120000, Currency: "INR", WalkIn: true, CompletedAt: at, LocalDates: dates, Holding: held,
		},
		domain.BookingNoShow{
			BookingRef: ref, FromStatus: domain.StatusConfirmed, Segments: segments, Auto: true, CountsTowardTier: true, At: at,
			LocalDates: dates, Holding: held,
		},
		domain.BookingOutcomeCorrected{
			BookingRef: ref, FromStatus: domain.StatusNoShow, ToStatus: domain.StatusCompleted, Reason: "she was there",
			Segments: segments, PaymentMethod: domain.PaidCash, PaidMinor: 120000, Currency: "INR", WalkIn: true, At: at,
			LocalDates: dates, Holding: held,
		},
	}
}

func staffSamples() []domain.Event {
	const staff, branch, day = "stf_anita01", "br_juhu001", "2026-03-14"
	reason, leave := sampleSealed(), sampleLeave()
	return []domain.Event{
		domain.StaffDayClaimed{Claim: sampleClaim(), Day: day, BookingID: "bkg_7Yq2mLx0", BranchID: branch},
		domain.StaffDayReleased{
			ClaimID: "clm_5", StaffID: staff, Day: day, BookingID: "bkg_7Yq2mLx0", Why: domain.ReleaseDropped,
		},
		domain.StaffDayBlocked{
			LeaveID: leave.LeaveID, StaffID: staff, Day: day, StartAt: sampleStart(), EndAt: sampleEnd(), Conflicts: sampleConflicts(),
		},
		domain.StaffDayUnblocked{LeaveID: leave.LeaveID, StaffID: staff, Day: day},
		domain.StaffJoined{StaffID: staff, BranchID: branch, Skills: []string{"svc_haircut"}},
		domain.StaffLeft{StaffID: staff, BranchID: branch},
		domain.StaffSkillsSet{StaffID: staff, BranchID: branch, Skills: []string{"svc_haircut"}},
		domain.StaffShiftsSet{StaffID: staff, BranchID: branch, TimeZone: "Asia/Kolkata", TimetableChange: sampleTimetable()},
		domain.LeaveRequested{LeaveRef: leave, Reason: &reason, Conflicts: sampleConflicts()},
		domain.LeaveWithdrawn{LeaveRef: leave},
		domain.LeaveApproved{LeaveRef: leave, Reason: &reason, Today: map[string]string{branch: day}, Conflicts: sampleConflicts()},
		domain.LeaveRejected{LeaveRef: leave, Reason: "We are full that week."},
		domain.LeaveRevoked{LeaveRef: leave, Reason: "Cancelled holiday."},
	}
}

func branchSamples() []domain.Event {
	const branch = "br_juhu001"
	dates, staff := []string{"2026-03-14", "2026-03-15"}, []string{"stf_anita01"}
	return []domain.Event{
		domain.BranchOpened{BranchID: branch, Name: "Juhu", TimeZone: "Asia/Kolkata", Currency: "INR", Policy: samplePolicy()},
		domain.BranchHoursSet{BranchID: branch, TimetableChange: sampleTimetable()},
		domain.BranchPolicySet{BranchID: branch, Policy: samplePolicy()},
		domain.BranchServiceOffered{BranchID: branch, Service: domain.Service{
			ServiceID: "svc_haircut", Name: "Haircut & finish", Type: domain.ServiceSalon, DurationMinutes: 45,
			Phases:           []domain.Phase{{Kind: domain.PhaseActive, Minutes: 45}},
			PreBufferMinutes: 5, PostBufferMinutes: 10, PriceMinor: 120000, LeadMinutes: 120,
		}},
		domain.BranchServiceWithdrawn{BranchID: branch, ServiceID: "svc_haircut"},
		domain.BranchClosureDeclared{
			BranchID: branch, Closure: sampleClosure(), LocalDates: dates,
			Conflicts: []domain.ClosureConflict{{BookingID: "bkg_7Yq2mLx0"}}, StaffIDs: staff,
		},
		domain.BranchClosureLifted{BranchID: branch, Closure: sampleClosure(), LocalDates: dates, StaffIDs: staff},
	}
}

func customerSamples() []domain.Event {
	const customer, booking = "usr_priya01", "bkg_7Yq2mLx0"
	at := sampleStart()
	return []domain.Event{
		domain.CustomerNoShowCounted{
			CustomerID: customer, BookingID: booking, At: at, Withdrawn: true, Count: 2, WindowStart: at.AddDate(0, -1, 0),
		},
		domain.CustomerLateCancellationCounted{CustomerID: customer, BookingID: booking, At: at, Withdrawn: true, Count: 3},
		domain.CustomerApprovalRequired{CustomerID: customer, BookingID: booking, At: at},
		domain.CustomerApprovalCleared{CustomerID: customer, By: domain.ClearedByManager, Reason: "spoke to her", At: at},
		domain.CustomerErased{CustomerID: customer, At: at},
	}
}

func samplePerson() domain.Actor {
	return domain.Actor{UserID: "usr_desk001", Role: domain.RoleReceptionist, OnBehalfOf: "usr_priya01"}
}
