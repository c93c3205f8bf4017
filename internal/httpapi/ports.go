package httpapi

import (
	"context"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/vault"
	"github.com/royalglow/booking/projections"
	"github.com/royalglow/booking/projections/availability"
)

// Commands is the write side, as *commands.Service is.
type Commands interface {
	BookingCommands
	LeaveCommands
	BranchCommands
	CustomerCommands
	// Faults names what is wrong with the form of a command of a caller.
	Faults(by commands.Caller, command any) []commands.FieldError
}

// Queries is the read side, as *projections.Queries is.
type Queries interface {
	BookingQueries
	LeaveQueries
	BranchQueries
	CustomerStanding(ctx context.Context, id string, lowest eventstore.Position) (projections.Standing, error)
}

// BookingQueries reads bookings and the time that they take.
type BookingQueries interface {
	BookingByID(ctx context.Context, id string, lowest eventstore.Position) (
		projections.Booking, eventstore.Position, error)
	Bookings(ctx context.Context, f projections.BookingFilter, lowest eventstore.Position) (projections.BookingPage, error)
	Timeline(ctx context.Context, bookingID string, lowest eventstore.Position) (
		[]projections.Step, eventstore.Position, error)
	Schedule(ctx context.Context, f projections.ScheduleFilter, lowest eventstore.Position) (
		projections.SchedulePage, error)
	OpenVisits(ctx context.Context, customerID string) ([]projections.OpenVisit, error)
	OwnBookingIDs(ctx context.Context, customerID string, most int) ([]string, error)
	AssignedBookingIDs(ctx context.Context, staffID string, most int) ([]string, error)
}

// LeaveQueries reads leave.
type LeaveQueries interface {
	LeaveByID(ctx context.Context, id string, lowest eventstore.Position) (projections.Leave, eventstore.Position, error)
	Leaves(ctx context.Context, f projections.LeaveFilter, lowest eventstore.Position) (projections.LeavePage, error)
}

// BranchQueries reads the catalogue.
type BranchQueries interface {
	Branches(ctx context.Context, scope projections.BranchScope, lowest eventstore.Position) (
		projections.BranchList, error)
	Branch(ctx context.Context, id string, lowest eventstore.Position) (projections.BranchDetail, error)
	BranchClosures(ctx context.Context, branchID, from string, lowest eventstore.Position) (projections.ClosureList, error)
	Staff(ctx context.Context, id string, lowest eventstore.Position) (projections.StaffDetail, error)
}

// Availability answers when what is wanted is free, as *availability.Index does.
type Availability interface {
	Days(ctx context.Context, q availability.Query) (availability.Answer, error)
}

// Directory gives and takes the names that are shown for ids, as *directory.Directory does.
type Directory interface {
	PutName(ctx context.Context, id, name string) (kept string, err error)
	Names(ctx context.Context, ids ...string) (map[string]string, error)
}

// Texts opens sealed texts, as *vault.Vault does. What has been erased is missing from the answer.
type Texts interface {
	Open(ctx context.Context, sealed ...domain.Sealed) (map[string]string, error)
}

// Erasures tells what was deleted of a customer, as *vault.Eraser does.
type Erasures interface {
	Report(ctx context.Context, subject string, lowest eventstore.Position) (vault.Erasure, error)
}

// Calendars gives out secret links to calendars, as *calendars.Links does.
type Calendars interface {
	Replace(ctx context.Context, owner string) (secret string, err error)
	Revoke(ctx context.Context, owner string) (ok bool, err error)
	Owner(ctx context.Context, secret string) (owner string, ok bool, err error)
}

// BookingCommands change bookings.
type BookingCommands interface {
	RequestBooking(context.Context, commands.Caller, commands.Options, commands.RequestBooking) (commands.Receipt, error)
	CreateWalkIn(context.Context, commands.Caller, commands.Options, commands.CreateWalkIn) (commands.Receipt, error)
	ApproveBooking(context.Context, commands.Caller, commands.Options, commands.ApproveBooking) (commands.Receipt, error)
	RejectBooking(context.Context, commands.Caller, commands.Options, commands.RejectBooking) (commands.Receipt, error)
	CancelBooking(context.Context, commands.Caller, commands.Options, commands.CancelBooking) (commands.Receipt, error)
	RescheduleBooking(context.Context, commands.Caller, commands.Options, commands.RescheduleBooking) (
		commands.Receipt, error)
	AssignStaff(context.Context, commands.Caller, commands.Options, commands.AssignStaff) (commands.Receipt, error)
	UnassignStaff(context.Context, commands.Caller, commands.Options, commands.UnassignStaff) (commands.Receipt, error)
	AddService(context.Context, commands.Caller, commands.Options, commands.AddService) (commands.Receipt, error)
	RemoveService(context.Context, commands.Caller, commands.Options, commands.RemoveService) (commands.Receipt, error)
	ChangeDuration(context.Context, commands.Caller, commands.Options, commands.ChangeDuration) (commands.Receipt, error)
	CheckIn(context.Context, commands.Caller, commands.Options, commands.CheckIn) (commands.Receipt, error)
	StartService(context.Context, commands.Caller, commands.Options, commands.StartService) (commands.Receipt, error)
	FinishService(context.Context, commands.Caller, commands.Options, commands.FinishService) (commands.Receipt, error)
	CompleteBooking(context.Context, commands.Caller, commands.Options, commands.CompleteBooking) (commands.Receipt, error)
	MarkNoShow(context.Context, commands.Caller, commands.Options, commands.MarkNoShow) (commands.Receipt, error)
	CorrectOutcome(context.Context, commands.Caller, commands.Options, commands.CorrectOutcome) (commands.Receipt, error)
	AddNote(context.Context, commands.Caller, commands.Options, commands.AddNote) (commands.Receipt, error)
	RedactNote(context.Context, commands.Caller, commands.Options, commands.RedactNote) (commands.Receipt, error)
}

// LeaveCommands change leave.
type LeaveCommands interface {
	RequestLeave(context.Context, commands.Caller, commands.Options, commands.RequestLeave) (commands.Receipt, error)
	MarkStaffOff(context.Context, commands.Caller, commands.Options, commands.MarkStaffOff) (commands.Receipt, error)
	WithdrawLeave(context.Context, commands.Caller, commands.Options, commands.WithdrawLeave) (commands.Receipt, error)
	ApproveLeave(context.Context, commands.Caller, commands.Options, commands.ApproveLeave) (commands.Receipt, error)
	RejectLeave(context.Context, commands.Caller, commands.Options, commands.RejectLeave) (commands.Receipt, error)
	RevokeLeave(context.Context, commands.Caller, commands.Options, commands.RevokeLeave) (commands.Receipt, error)
}

// BranchCommands change the catalogue.
type BranchCommands interface {
	OpenBranch(context.Context, commands.Caller, commands.Options, commands.OpenBranch) (commands.Receipt, error)
	SetPolicy(context.Context, commands.Caller, commands.Options, commands.SetPolicy) (commands.Receipt, error)
	SetHours(context.Context, commands.Caller, commands.Options, commands.SetHours) (commands.Receipt, error)
	DeclareClosure(context.Context, commands.Caller, commands.Options, commands.DeclareClosure) (commands.Receipt, error)
	LiftClosure(context.Context, commands.Caller, commands.Options, commands.LiftClosure) (commands.Receipt, error)
	OfferService(context.Context, commands.Caller, commands.Options, commands.OfferService) (commands.Receipt, error)
	WithdrawService(context.Context, commands.Caller, commands.Options, commands.WithdrawService) (commands.Receipt, error)
	JoinStaff(context.Context, commands.Caller, commands.Options, commands.JoinStaff) (commands.Receipt, error)
	LeaveStaff(context.Context, commands.Caller, commands.Options, commands.LeaveStaff) (commands.Receipt, error)
	SetShifts(context.Context, commands.Caller, commands.Options, commands.SetShifts) (commands.Receipt, error)
}

// CustomerCommands change what is noted of customers.
type CustomerCommands interface {
	ClearCustomer(context.Context, commands.Caller, commands.Options, commands.ClearCustomer) (commands.Receipt, error)
	EraseCustomer(context.Context, commands.Caller, commands.Options, commands.EraseCustomer) (commands.Receipt, error)
}
