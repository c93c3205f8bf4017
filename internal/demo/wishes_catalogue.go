package demo

import (
	"slices"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo/check"
)

// What managers and the owner change about their branches. Each change differs from the last: what is so already is no event.

// salonPolicy lets people book at any moment of the next year and as much as they like, within reason, and lets the visits of a
// run be played in it: nobody need wait for the clock before he is taken for a no-show, and staff may add what the customer wants.
func salonPolicy(changes int) domain.Policy {
	p := domain.DefaultPolicy()
	p.LeadMinutes, p.ActiveCap, p.HorizonDays = 0, 50, 365
	p.ManualNoShowGraceMinutes, p.StaffMayAddServices = 0, true
	p.CancelCutoffMinutes = 240 + 15*(changes%4)
	return p
}

// wantsBranch lets the owner open a branch beside this one, for a season; later, on other terms.
func (s *salon) wantsBranch() *want {
	body := openBranch{
		Name: s.name + " Pop-up", TimeZone: salonZone, Currency: salonCurrency, Policy: salonPolicy(s.terms.openings),
	}
	return s.simple(check.OpenBranch, s.owner, putting(branchPath(s.popUp), body), func(receipt) { s.terms.openings++ })
}

func (s *salon) wantsPolicy() *want {
	next := s.terms.policies + 1
	return s.simple(check.SetPolicy, s.manager, putting(branchPath(s.branchID)+"/policy", salonPolicy(next)), func(receipt) {
		s.terms.policies = next
	})
}

// wantsHours makes one date ahead a short one, takes that back the next time, and then changes the week, from a date on that no
// run gets to: until then there is always somebody in.
func (s *salon) wantsHours() *want {
	var body setShifts
	date := s.terms.shortDate
	switch s.terms.hours % 3 {
	case 0:
		date = pick(s.dice, s.farDates())
		body.Override = &domain.DateOverride{Date: date, Ranges: []domain.TimeRange{{From: 9 * 60, To: 21 * 60}}}
	case 1:
		body.Override = &domain.DateOverride{Date: date, Lifted: true}
	default:
		from := domain.Minute(60 * (7 + s.terms.hours%2))
		dates := s.dates()
		body.Pattern = &domain.Pattern{
			EffectiveFrom: dates[len(dates)-1], Week: domain.EveryDay(domain.TimeRange{From: from, To: from + 14*60}),
		}
	}
	return s.simple(check.SetHours, s.manager, putting(branchPath(s.branchID)+"/hours", body), func(receipt) {
		s.terms.hours++
		s.terms.shortDate = date
	})
}

// wantsClosure closes the branch on a date ahead for which people have booked, if there is one.
func (s *salon) wantsClosure() *want {
	if s.terms.closure != nil {
		return nil
	}
	date := pick(s.dice, s.farDates())
	for _, b := range s.bookings {
		if isFar(b) && !b.busy && b.status == domain.StatusConfirmed {
			date = b.start.In(s.zone).Format(domain.DayFormat)
			break
		}
	}
	tr := &trouble{date: date}
	s.terms.closure = tr
	body := declareClosure{FromDate: date, ToDate: date, Reason: "The water is cut off that day."}
	w := s.simple(check.DeclareClosure, s.manager, post(branchPath(s.branchID)+"/closures", body), func(rec receipt) {
		s.terms.closures++
		tr.closureID, tr.position, tr.since = rec.ID, rec.Position, time.Now()
		s.troubles = append(s.troubles, tr)
	})
	w.dropped = func(*answerError) { s.terms.closure = nil }
	return w
}

// wantsReopening lifts the closure once nobody is in its way any more.
func (s *salon) wantsReopening() *want {
	tr := s.terms.closure
	if tr == nil || tr.closureID == "" || s.troubled(func(o *trouble) bool { return o == tr }) {
		return nil
	}
	s.terms.closure = &trouble{} // reserved
	path := branchPath(s.branchID) + "/closures/" + tr.closureID
	w := s.simple(check.LiftClosure, s.manager, deletion(path), func(receipt) { s.terms.closure = nil })
	w.dropped = func(*answerError) { s.terms.closure = nil }
	return w
}

// wantsOffer offers the seasonal treatment, or gives it another price.
func (s *salon) wantsOffer() *want {
	t := *s.seasonal()
	t.Paise += int64(s.terms.offers) * 5000
	return s.simple(check.OfferService, s.manager, putting(servicePath(s.branchID, t.ID), t.offer()), func(receipt) {
		s.terms.offers, s.terms.offered = s.terms.offers+1, true
	})
}

func (s *salon) wantsOfferGone() *want {
	if !s.terms.offered {
		return nil
	}
	s.terms.offered = false // nobody asks for it from now on
	return s.simple(check.WithdrawService, s.manager, deletion(servicePath(s.branchID, s.seasonal().ID)), func(receipt) {})
}

// wantsArtist lets the one who does the seasonal treatment join, wantsShifts says when he works, wantsSkills what else he does, and
// wantsArtistGone lets him go when the season is over.
func (s *salon) wantsArtist() *want {
	if s.terms.joined {
		return nil
	}
	body := joinStaff{Skills: s.artist.skills}
	return s.simple(check.JoinStaff, s.manager, putting(staffPath(s.branchID, s.artist.StaffID), body), func(receipt) {
		s.terms.joined = true
	})
}

func (s *salon) wantsShifts() *want {
	if !s.terms.joined {
		return nil
	}
	from := domain.Minute(60 * (10 + s.terms.shifts%3))
	during := domain.TimeRange{From: from, To: from + 9*60}
	body := setShifts{BranchID: s.branchID}
	if s.terms.shifts%2 == 0 {
		body.Pattern = &domain.Pattern{EffectiveFrom: s.farDates()[0], Week: domain.EveryDay(during)}
	} else {
		body.Override = &domain.DateOverride{Date: pick(s.dice, s.farDates()), Ranges: []domain.TimeRange{during}}
	}
	return s.simple(check.SetShifts, s.manager, putting(shiftsPath(s.artist.StaffID), body), func(receipt) { s.terms.shifts++ })
}

// wantsSkills lets him help out with something else, each time with another.
func (s *salon) wantsSkills() *want {
	if !s.terms.joined {
		return nil
	}
	other := s.regular()[s.terms.skills%len(s.regular())]
	body := joinStaff{Skills: append(slices.Clone(s.artist.skills), other.ID)}
	return s.simple(check.SetSkills, s.manager, putting(staffPath(s.branchID, s.artist.StaffID), body), func(receipt) {
		s.terms.skills++
	})
}

func (s *salon) wantsArtistGone() *want {
	if !s.terms.joined || s.terms.offered {
		return nil
	}
	s.terms.joined = false
	w := s.simple(check.LeaveStaff, s.manager, deletion(staffPath(s.branchID, s.artist.StaffID)), func(receipt) {})
	w.dropped = func(*answerError) { s.terms.joined = true }
	return w
}
