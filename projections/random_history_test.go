package projections_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/royalglow/booking/domain"
)

// chance is what a random command draws from: enough for any of them.
type chance struct {
	h         *history
	bookingID string
	branchID  string
	customer  string
	staff     []string // of segments
	segment   string
	service   string
	leaveID   string
	at        time.Time // a quarter of an hour around noon of four days
	date      string    // one of these days, in koramangala
	n         int       // 0 to 9
}

// below draws numbers from 0 to n-1, each as often as the others: rapid's own prefer small ones, and what comes late in a
// booking's life would hardly ever happen.
func below(n int) *rapid.Generator[int] {
	return rapid.Custom(func(r *rapid.T) int {
		drawn := 0
		for range 11 {
			drawn *= 2
			if rapid.Bool().Draw(r, "bit") {
				drawn++
			}
		}
		return drawn % n
	})
}

func draw(h *history, r *rapid.T) chance {
	at := noon().Add(time.Duration(below(4*24*4).Draw(r, "quarters")-24) * 15 * time.Minute)
	c := chance{
		h:         h,
		bookingID: fmt.Sprintf("bkg_random%d", below(4).Draw(r, "booking")),
		branchID:  []string{koramangala, kiritimati}[below(2).Draw(r, "branch")],
		customer:  []string{priya, rahul}[below(2).Draw(r, "customer")],
		segment:   domain.SegmentID(below(3).Draw(r, "segment")),
		service:   []string{haircut, facial, colour, massage}[below(4).Draw(r, "service")],
		leaveID:   fmt.Sprintf("lv_random%d", below(3).Draw(r, "leave")),
		at:        at, date: at.Format(domain.DayFormat),
		n: below(10).Draw(r, "n"),
	}
	for range below(3).Draw(r, "more staff") + 1 {
		c.staff = append(c.staff, []string{anita, bina, chitra}[below(3).Draw(r, "staff")])
	}
	return c
}

// flow says how much of a random history is of which kind.
var flow = []struct {
	weight  int
	command func(chance) error
}{
	{9, chance.request},
	{2, chance.walkIn},
	{12, chance.changeBooking},
	{16, chance.visit},
	{4, chance.note},
	{2, chance.stray},
	{5, chance.takeLeave},
	{4, chance.keepLeave},
	{3, chance.changeBranch},
	{1, chance.changeStaff},
	{1, chance.changeCustomer},
}

// randomHistory draws a log of up to most commands over a handful of bookings, members, leaves and days. Many are refused, as
// they would be; keepers crash half-way; claims stay behind.
func randomHistory(tb testing.TB, r *rapid.T, most int) *history {
	tb.Helper()
	h := salon(tb)
	var commands []func(chance) error
	for _, f := range flow {
		for range f.weight {
			commands = append(commands, f.command)
		}
	}
	for range below(most).Draw(r, "commands") + 1 {
		command := commands[below(len(commands)).Draw(r, "command")]
		command(draw(h, r)) //nolint:errcheck // a refusal leaves no fact, and is as good as another command
	}
	return h
}
