package commands

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/royalglow/booking/commands/internal/staffdays"
	"github.com/royalglow/booking/domain"
)

// busy is a member who turned out not to be free for a segment.
type busy struct{ segmentID, staffID string }

// staffing finds who does the services of a new booking.
type staffing struct {
	service   *Service
	wishes    []RequestedService
	overrides []domain.Override
	taken     []busy           // who turned out to be busy; proposals leave them out
	wanted    []domain.Segment // what was wished, for a search of other times
	policy    domain.Policy
}

// choose finds who is held for each service: the member whom the caller named, else the first proposal that has not been found
// busy. Who did the service before is preferred, so that a customer need not change chairs. All of them are put on the roster;
// whether they are qualified and on shift is decided there.
func (r *staffing) choose(
	ctx context.Context, roster domain.Roster, start time.Time,
) ([]domain.ServiceChoice, []domain.Segment, error) {
	choices := make([]domain.ServiceChoice, 0, len(r.wishes))
	for _, w := range r.wishes {
		service, err := roster.Branch.Service(w.ServiceID)
		if err != nil {
			return nil, nil, err
		}
		choices = append(choices, domain.ServiceChoice{Service: service, StaffID: w.StaffID})
	}
	segments, err := roster.Segments(choices, start, r.overrides)
	if err != nil {
		return nil, nil, err
	}
	r.wanted, r.policy = slices.Clone(segments), roster.Branch.Policy
	previous := ""
	for i, segment := range segments {
		staffID := r.wishes[i].StaffID
		if staffID == "" {
			if staffID, err = r.propose(ctx, roster, segment, previous); err != nil {
				return nil, nil, err
			}
		}
		if err := r.service.enlist(ctx, roster, staffID); err != nil {
			return nil, nil, err
		}
		choices[i].StaffID, previous = staffID, staffID
	}
	return choices, segments, nil
}

// propose returns the first proposal that stands up to the streams.
func (r *staffing) propose(
	ctx context.Context, roster domain.Roster, segment domain.Segment, previous string,
) (string, error) {
	proposals, err := r.service.reads.StaffFor(ctx, roster.Branch.BranchID, segment.ServiceID, segment.Busy())
	if err != nil {
		return "", fmt.Errorf("propose staff: %w", err)
	}
	if at := slices.Index(proposals, previous); at > 0 {
		proposals = slices.Insert(slices.Delete(slices.Clone(proposals), at, at+1), 0, previous)
	}
	for _, id := range proposals {
		if slices.Contains(r.taken, busy{segment.SegmentID, id}) {
			continue
		}
		if err := r.service.enlist(ctx, roster, id); err != nil {
			return "", err
		}
		segment.StaffID = id
		if roster.Takes(segment, r.overrides) == nil {
			return id, nil
		}
	}
	return "", domain.ErrSlotUnavailable()
}

// instead notes that a proposal was busy, and reports whether another may be tried: not where the caller named someone.
func (r *staffing) instead(t *staffdays.Taken) bool {
	i, ok := domain.SegmentIndex(t.Claim.SegmentID)
	if !ok || i >= len(r.wishes) || r.wishes[i].StaffID != "" {
		return false
	}
	r.taken = append(r.taken, busy{t.Claim.SegmentID, t.Claim.StaffID})
	return true
}

// named lists those whom the caller named.
func (r *staffing) named() []string {
	var ids []string
	for _, w := range r.wishes {
		if w.StaffID != "" {
			ids = append(ids, w.StaffID)
		}
	}
	return ids
}

// anyone reports whether the caller named nobody for a segment.
func (r *staffing) anyone(segment domain.Segment) bool {
	i, ok := domain.SegmentIndex(segment.SegmentID)
	return ok && i < len(r.wishes) && r.wishes[i].StaffID == ""
}
