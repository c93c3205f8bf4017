package commands

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
)

// JoinStaff makes a member work at a branch, also anew with other skills. Managers of the branch may issue it, for a
// member who works elsewhere only those who run one of his branches as well.
type JoinStaff struct {
	BranchID string   `json:"branchId" validate:"required,id=br" doc:"The branch."`
	StaffID  string   `json:"staffId" validate:"required,id=stf" doc:"The member of staff."`
	Skills   []string `json:"skills" validate:"max=200,unique,dive,id=svc" doc:"The services that the member does there; none means all that the branch offers."`
}

// JoinStaff runs the command. It fails with NOT_FOUND where there is no such branch.
func (s *Service) JoinStaff(ctx context.Context, by Caller, o Options, c JoinStaff) (Receipt, error) {
	return s.changeStaff(ctx, by, o, staffChange{
		name: "join_staff", branchID: c.BranchID, staffID: c.StaffID, body: c,
		decide: func(_ context.Context, member domain.Staff, _ domain.Branch) ([]domain.StaffEvent, error) {
			if err := mayEnlist(by, member); err != nil {
				return nil, err
			}
			return member.Join(c.StaffID, c.BranchID, c.Skills), nil
		},
	})
}

// mayEnlist keeps managers from each other's staff: who runs a branch of a member's decides on his leave and reads his shifts. That
// he works elsewhere is public, by the branches' lists of staff, and the answer does not say where.
func mayEnlist(by Caller, member domain.Staff) error {
	if len(member.Branches) == 0 {
		return nil
	}
	for id := range member.Branches {
		if by.runs(id) {
			return nil
		}
	}
	return errForbidden()
}

// LeaveStaff makes a member work at a branch no more; what he is assigned to stays, until the desk gives it to others. Managers
// of the branch may issue it.
type LeaveStaff struct {
	BranchID string `json:"branchId" validate:"required,id=br" doc:"The branch."`
	StaffID  string `json:"staffId" validate:"required,id=stf" doc:"The member of staff."`
}

// LeaveStaff runs the command. To leave where one does not work changes nothing.
func (s *Service) LeaveStaff(ctx context.Context, by Caller, o Options, c LeaveStaff) (Receipt, error) {
	return s.changeStaff(ctx, by, o, staffChange{
		name: "leave_staff", branchID: c.BranchID, staffID: c.StaffID, body: c,
		decide: func(_ context.Context, member domain.Staff, _ domain.Branch) ([]domain.StaffEvent, error) {
			return member.Leave(c.BranchID), nil
		},
	})
}

// SetShifts says when a member works at a branch: a week that holds from a date on, or what differs on one date. Managers of the
// branch may issue it.
type SetShifts struct {
	BranchID string `json:"branchId" validate:"required,id=br" doc:"The branch at which they are."`
	StaffID  string `json:"staffId" validate:"required,id=stf" doc:"The member of staff."`
	domain.TimetableChange
}

// SetShifts runs the command. It fails with STAFF_SHIFTS_OVERLAP where the member works at another branch then. Bookings that
// lie outside the new shifts stay.
func (s *Service) SetShifts(ctx context.Context, by Caller, o Options, c SetShifts) (Receipt, error) {
	return s.changeStaff(ctx, by, o, staffChange{
		name: "set_shifts", branchID: c.BranchID, staffID: c.StaffID, body: c,
		decide: func(_ context.Context, member domain.Staff, branch domain.Branch) ([]domain.StaffEvent, error) {
			names := []string{branch.TimeZone}
			for _, id := range slices.Sorted(maps.Keys(member.Branches)) {
				if zone := member.Branches[id].TimeZone; zone != "" {
					names = append(names, zone)
				}
			}
			zones := map[string]*time.Location{}
			for _, name := range names {
				var err error
				if zones[name], err = s.zones.load(name); err != nil {
					return nil, err
				}
			}
			return member.SetShifts(domain.SetShifts{
				BranchID: c.BranchID, TimeZone: branch.TimeZone, Change: c.TimetableChange, Zones: zones, Now: s.now(),
			})
		},
	})
}

// staffChange is a command on a member at a branch: what is particular about it. Managers of the branch may issue it.
type staffChange struct {
	name, branchID, staffID string
	body                    any
	decide                  func(context.Context, domain.Staff, domain.Branch) ([]domain.StaffEvent, error)
}

func (s *Service) changeStaff(ctx context.Context, by Caller, o Options, c staffChange) (Receipt, error) {
	cmd, err := s.accept(c.name, by, managerOf(c.branchID), o, c.branchID+"/"+c.staffID, c.body)
	if err != nil {
		return Receipt{}, err
	}
	return run(ctx, s, edit[domain.Staff, domain.StaffEvent]{
		command: cmd, id: c.staffID, stream: domain.StaffStream(c.staffID), loader: s.staff,
		decide: func(ctx context.Context, member domain.Staff) ([]domain.StaffEvent, error) {
			branch, err := s.branch(ctx, c.branchID)
			if err != nil {
				return nil, err
			}
			if !branch.Open() {
				return nil, domain.ErrBranchNotFound()
			}
			return c.decide(ctx, member, branch)
		},
	})
}
