package demo

import (
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
	"github.com/royalglow/booking/internal/eventstore"
)

// leave is one leave as the director keeps it, from receipts.
type leave struct {
	id       string
	member   *member
	date     string
	status   domain.LeaveStatus
	booked   bool // the member had something to do on that day
	position eventstore.Position
	busy     bool
}

// maxOff is how many leaves may hold at once in a salon: somebody has to do the work.
const maxOff = 4

// wantsLeave makes a member ask for a day off: one on which he has something to do, if there is one.
func (s *salon) wantsLeave() *want {
	if len(s.leave) >= 2*maxOff {
		return nil
	}
	m, date, booked := s.dayOff()
	if m == nil {
		return nil
	}
	body := askLeave{
		BranchID: s.branchID, FromDate: date, ToDate: date, Reason: "A wedding in the family.",
		LeaveType: string(pick(s.dice, []domain.LeaveType{domain.LeaveCasual, domain.LeavePersonal, domain.LeaveSick})),
	}
	l := &leave{member: m, date: date, status: domain.LeavePending, booked: booked}
	return s.simple(check.RequestLeave, m.person, post(leavePath, body), func(rec receipt) { s.entered(l, rec) })
}

func (s *salon) entered(l *leave, rec receipt) {
	l.id, l.position = rec.ID, rec.Position
	s.leave = append(s.leave, l)
}

// dayOff picks a member who is not about to be off, and a date: one on which his page shows that he has something to do, if there
// is one.
func (s *salon) dayOff() (m *member, date string, booked bool) {
	offset := s.dice.IntN(len(s.staff))
	for i := range s.staff {
		m := s.staff[(offset+i)%len(s.staff)]
		if slices.ContainsFunc(s.leave, func(l *leave) bool { return l.member == m }) {
			continue
		}
		if dates := s.workdays(m); len(dates) > 0 {
			return m, pick(s.dice, dates), true
		}
		return m, pick(s.dice, s.farDates()), false
	}
	return nil, "", false
}

// workdays lists the dates ahead on which a member's page shows that he has something to do.
func (s *salon) workdays(m *member) []string {
	var busy []string
	m.rota.each(func(_ key, d duty) {
		if len(d.Parts) > 0 {
			busy = append(busy, d.Date)
		}
	})
	slices.Sort(busy) // a map has no order, and the dice shall be thrown alike in every run
	return slices.DeleteFunc(s.farDates(), func(date string) bool { return !slices.Contains(busy, date) })
}

// pending finds a leave that waits and fits, the oldest first, and reserves it.
func (s *salon) pending(fits func(*leave) bool) *leave {
	for _, l := range s.leave {
		if !l.busy && l.status == domain.LeavePending && fits(l) {
			l.busy = true
			return l
		}
	}
	return nil
}

func anyLeave(*leave) bool { return true }

// wantsLeaveGranted lets the manager grant what is on her list: first what bookings are in the way of.
func (s *salon) wantsLeaveGranted() *want {
	if s.off() >= maxOff {
		return nil
	}
	listed := func(l *leave) bool {
		a, ok := s.leaves.sees(key{leaveChannel(s.branchID), l.id})
		return ok && a.Status == string(domain.LeavePending)
	}
	l := s.pending(func(l *leave) bool { return l.booked && listed(l) })
	if l == nil {
		l = s.pending(listed)
	}
	if l == nil {
		return nil
	}
	return s.decides(l, check.ApproveLeave, s.manager, changeOther{Action: "approve"}, func(rec receipt) {
		l.status = domain.LeaveGranted
		s.troubles = append(s.troubles, &trouble{leave: l, position: rec.Position, since: time.Now()})
	})
}

func (s *salon) wantsLeaveDeclined() *want {
	l := s.pending(anyLeave)
	if l == nil {
		return nil
	}
	body := changeOther{Action: "reject", Reason: "Too many are off that day already."}
	return s.decides(l, check.RejectLeave, s.manager, body, func(receipt) { s.settled(l) })
}

func (s *salon) wantsLeaveBack() *want {
	l := s.pending(anyLeave)
	if l == nil {
		return nil
	}
	return s.decides(l, check.WithdrawLeave, l.member.person, changeOther{Action: "withdraw"}, func(receipt) { s.settled(l) })
}

// wantsLeaveRevoked undoes the oldest leave that is settled, so that not everybody is off in the end.
func (s *salon) wantsLeaveRevoked() *want {
	for _, l := range s.leave {
		if l.busy || l.status != domain.LeaveGranted || s.troubled(func(t *trouble) bool { return t.leave == l }) {
			continue
		}
		l.busy = true
		body := changeOther{Action: "revoke", Reason: "We need you after all. We are sorry."}
		return s.decides(l, check.RevokeLeave, s.manager, body, func(receipt) { s.settled(l) })
	}
	return nil
}

// wantsMarkOff lets the desk mark somebody off for an afternoon.
func (s *salon) wantsMarkOff() *want {
	if s.off() >= maxOff {
		return nil
	}
	m, date, booked := s.dayOff()
	if m == nil {
		return nil
	}
	body := askLeave{
		StaffID: m.StaffID, BranchID: s.branchID, FromDate: date, ToDate: date, FromTime: "13:00", ToTime: "19:00",
		Reason: "A burst pipe at home.",
	}
	l := &leave{member: m, date: date, status: domain.LeaveGranted, booked: booked}
	return s.simple(check.MarkOff, s.desk, post(markOffPath, body), func(rec receipt) {
		s.entered(l, rec)
		s.troubles = append(s.troubles, &trouble{leave: l, position: rec.Position, since: time.Now()})
	})
}

func (s *salon) decides(l *leave, a check.Action, by *person, body changeOther, accepted func(receipt)) *want {
	w := s.simple(a, by, patch(leavePath+"/"+l.id, body), func(rec receipt) {
		l.busy, l.position = false, rec.Position
		accepted(rec)
	})
	w.dropped = func(*answerError) { s.settled(l) } // somebody else has decided, or nobody knows
	return w
}

// settled forgets a leave that waits and holds no more.
func (s *salon) settled(l *leave) {
	s.leave = slices.DeleteFunc(s.leave, func(o *leave) bool { return o == l })
}

// off counts the leaves that hold.
func (s *salon) off() (n int) {
	for _, l := range s.leave {
		if l.status == domain.LeaveGranted {
			n++
		}
	}
	return n
}
