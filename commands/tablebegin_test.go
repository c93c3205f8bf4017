package commands_test

import (
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

// beginnings are the commands that make a booking, beside one of the same customer in each status.
func beginnings() []deed {
	at := now // before anything of the other booking is due
	apart := opening.Add(6 * time.Hour)
	request := func(change func(*commands.RequestBooking)) changing {
		return func(v *visit, by commands.Caller, o commands.Options) error {
			w := wish(anna, apart)
			w.CustomerID = carla.UserID
			if change != nil {
				change(&w)
			}
			return err1(v.RequestBooking(v.tb.Context(), by, o, w))
		}
	}
	from := func(start time.Time) changing {
		return request(func(w *commands.RequestBooking) { w.StartAt = start })
	}
	walkIn := func(change func(*commands.CreateWalkIn)) changing {
		return func(v *visit, by commands.Caller, o commands.Options) error {
			w := commands.CreateWalkIn{
				BranchID: branch, CustomerID: carla.UserID, Services: []commands.RequestedService{{ServiceID: cut, StaffID: anna}},
			}
			if change != nil {
				change(&w)
			}
			return err1(v.CreateWalkIn(v.tb.Context(), by, o, w))
		}
	}
	deeds := []deed{
		{name: "request", run: request(nil)},
		{name: "walk in", run: walkIn(nil)},
		{name: "walk in, a guest", run: walkIn(func(w *commands.CreateWalkIn) { w.CustomerID, w.Guest = "", &commands.GuestIn{Name: "Gita"} })},
		{name: "request, passing over limits", run: request(func(w *commands.RequestBooking) { w.Overrides = []domain.Override{domain.OverrideHours} })},
		{name: "request, for nobody", run: request(func(w *commands.RequestBooking) { w.CustomerID = "" })},
		{name: "request, too soon", run: from(now.Add(59 * time.Minute))},
		{name: "request, too far ahead", run: from(now.AddDate(0, 0, 31))},
		{name: "request, one too many", run: request(nil), before: full},
		{name: "request, while she is elsewhere", run: request(nil), before: elsewhere},
		{name: "request, a time that is taken", run: request(nil), before: occupy(anna, apart)},
		{name: "request, of who does not do it", run: request(nil), before: skilled(anna, colour)},
		{name: "request, of who is off", run: request(nil), before: offOn(anna, "2026-06-16")},
		{name: "request, on a closed day", run: request(nil), before: closedOn("2026-06-16")},
		{name: "request, what is not offered", run: request(func(w *commands.RequestBooking) { w.Services[0].ServiceID = "svc_massage" })},
		{name: "request, at a branch that is not open", run: request(func(w *commands.RequestBooking) { w.BranchID = otherBranch })},
		{name: "walk in, tomorrow", run: walkIn(func(w *commands.CreateWalkIn) { w.StartAt = now.Add(13 * time.Hour) })},
		{name: "walk in, a while ago", run: walkIn(func(w *commands.CreateWalkIn) { w.StartAt = now.Add(-16 * time.Minute) })},
		{name: "walk in, neither customer nor guest", run: walkIn(func(w *commands.CreateWalkIn) { w.CustomerID = "" })},
		{name: "walk in, to who is busy", run: walkIn(nil), before: occupy(anna, now)},
		{name: "walk in, to who does not do it", run: walkIn(nil), before: skilled(anna, colour)},
		{name: "walk in, to who is off", run: walkIn(nil), before: offOn(anna, "2026-06-15")},
		{name: "walk in, on a closed day", run: walkIn(nil), before: closedOn("2026-06-15")},
		{name: "walk in, what is not offered", run: walkIn(func(w *commands.CreateWalkIn) { w.Services[0].ServiceID = "svc_massage" })},
	}
	for i := range deeds {
		deeds[i].at, deeds[i].unseen, deeds[i].few = at, true, i > 2
	}
	return deeds
}
