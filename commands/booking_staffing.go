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

// choose finds who is held for each service: the member whom the customer named, else the first proposal that is qualified
// and has not been found busy. Who did the service before is preferred, so that a customer need not change chairs.
func (r *request) choose(ctx context.Context, branch domain.Branch) ([]domain.ServiceChoice, error) {
	choices := make([]domain.ServiceChoice, 0, len(r.wish.Services))
	start, previous := r.wish.StartAt, ""
	for i, w := range r.wish.Services {
		service, err := branch.Service(w.ServiceID)
		if err != nil {
			return nil, err
		}
		end := start.Add(time.Duration(service.DurationMinutes) * time.Minute)
		staffID := w.StaffID
		if staffID != "" {
			err = r.service.qualified(ctx, staffID, branch.BranchID, w.ServiceID)
		} else {
			staffID, err = r.propose(ctx, i, branch.BranchID, w.ServiceID, previous, start, end)
		}
		if err != nil {
			return nil, err
		}
		choices = append(choices, domain.ServiceChoice{Service: service, StaffID: staffID})
		start, previous = end, staffID
	}
	return choices, nil
}

// propose returns the first proposal that stands up to the streams.
func (r *request) propose(
	ctx context.Context, i int, branchID, serviceID, previous string, start, end time.Time,
) (string, error) {
	proposals, err := r.service.proposer.StaffFor(ctx, branchID, serviceID, start, end)
	if err != nil {
		return "", fmt.Errorf("propose staff: %w", err)
	}
	if at := slices.Index(proposals, previous); at > 0 {
		proposals = slices.Insert(slices.Delete(slices.Clone(proposals), at, at+1), 0, previous)
	}
	for _, id := range proposals {
		if slices.Contains(r.taken, busy{domain.SegmentID(i), id}) {
			continue
		}
		member, err := r.service.member(ctx, id)
		if err != nil {
			return "", err
		}
		if member.Performs(branchID, serviceID) {
			return id, nil
		}
	}
	return "", domain.ErrSlotUnavailable()
}

// instead notes that a proposal was busy, and reports whether another may be tried: not where the customer named someone.
func (r *request) instead(t *staffdays.Taken) bool {
	for i, w := range r.wish.Services {
		if domain.SegmentID(i) == t.Claim.SegmentID && w.StaffID == "" {
			r.taken = append(r.taken, busy{t.Claim.SegmentID, t.Claim.StaffID})
			return true
		}
	}
	return false
}

// qualified refuses a member who does not do the service at the branch.
func (s *Service) qualified(ctx context.Context, staffID, branchID, serviceID string) error {
	member, err := s.member(ctx, staffID)
	if err != nil {
		return err
	}
	if !member.Performs(branchID, serviceID) {
		return domain.Refuse(domain.Unprocessable, domain.CodeStaffNotQualified,
			"this member of staff does not do the service here").With("staffId", staffID).With("serviceId", serviceID)
	}
	return nil
}
