package domain_test

import (
	"strings"
	"time"

	"github.com/royalglow/booking/domain"
)

// colour is a service with processing time, in which its member is free, and with buffers.
func colour() domain.Service {
	return domain.Service{
		ServiceID: "svc_colour1", Name: "Colour", Type: domain.ServiceSalon, DurationMinutes: 75, PriceMinor: 4500,
		Phases: []domain.Phase{
			{Kind: domain.PhaseActive, Minutes: 30}, {Kind: domain.PhaseProcessing, Minutes: 25}, {Kind: domain.PhaseActive, Minutes: 20},
		},
		PreBufferMinutes: 5, PostBufferMinutes: 10,
	}
}

// massage is of the spa.
func massage() domain.Service {
	return domain.Service{
		ServiceID: "svc_massage", Name: "Massage", Type: domain.ServiceSpa, DurationMinutes: 60, PriceMinor: 6000,
	}
}

// The verbs of a visit, at a moment.

func checkIn(at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) { return b.CheckIn(at) }
}

func start(segment string, at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) { return b.StartService(segment, at) }
}

func finish(segment string, at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.FinishService(domain.FinishService{SegmentID: segment, Location: time.UTC, Now: at, NewClaimID: fresh})
	}
}

func complete(at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Complete(domain.Complete{
			Method: domain.PaidCard, PaidMinor: 1500, Location: time.UTC, Now: at, NewClaimID: fresh,
		})
	}
}

func noShow(at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.MarkNoShow(domain.NoShow{Location: time.UTC, Now: at, NewClaimID: fresh})
	}
}

func correct(to domain.Status, manager bool, at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Correct(domain.Correct{To: to, Reason: "wrong", Manager: manager, Location: time.UTC, Now: at, NewClaimID: fresh})
	}
}

func reschedule(by domain.Party, to, at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.Reschedule(domain.Reschedule{Roster: roster(), StartAt: to, By: by, Now: at, NewClaimID: fresh})
	}
}

// fresh is an id that no booking of these tests has had; tests that compare ids number their own.
func fresh() string { return "clm_fresh" }

func walkIn(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.WalkIn(domain.WalkIn{
		BookingID: "bkg_first1", CustomerID: carla.UserID, Roster: roster(), StartAt: now, Now: now, NewClaimID: fresh,
		Services: []domain.ServiceChoice{{Service: cut(), StaffID: "stf_anna01"}},
	})
}

func expire(at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) { return b.Expire(at) }
}

func autoNoShow(at time.Time) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.AutoNoShow(domain.NoShow{Location: time.UTC, Now: at, NewClaimID: fresh})
	}
}

func unassign(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.Unassign(domain.Unassign{Roster: roster(), SegmentID: "seg_1", Reason: "sick", NewClaimID: fresh})
}

func addCut(staffID string) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.AddService(domain.AddService{
			Roster: roster(), Choice: domain.ServiceChoice{Service: cut(), StaffID: staffID}, NewClaimID: fresh,
		})
	}
}

func removeSegment(id string) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.RemoveService(domain.RemoveService{Roster: roster(), SegmentID: id, NewClaimID: fresh})
	}
}

func changeDuration(id string, minutes int) verb {
	return func(b domain.Booking) ([]domain.BookingEvent, error) {
		return b.ChangeDuration(domain.ChangeDuration{Roster: roster(), SegmentID: id, Minutes: minutes, NewClaimID: fresh})
	}
}

func addNote(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.AddNote(domain.AddNote{
		NoteID: "nt_first01", Visibility: domain.VisibleInternal, Body: domain.Sealed{KeyID: "key_1", Box: []byte("x")}, Author: desk,
	})
}

func redactNote(b domain.Booking) ([]domain.BookingEvent, error) {
	return b.RedactNote(domain.RedactNote{NoteID: "nt_first01", Reason: "mistake"})
}

// facts spells "requested+confirmed" out.
func facts(cell string) []string {
	names := strings.Split(cell, "+")
	for i := range names {
		names[i] = "booking." + names[i]
	}
	return names
}
