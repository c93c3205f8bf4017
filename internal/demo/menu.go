package demo

import (
	"slices"

	"github.com/royalglow/booking/domain"
)

// treatment is a service as a branch offers it. All times are quarters of an hour, so that what follows another begins at a time
// that is offered.
type treatment struct {
	ID     string
	Name   string
	Type   domain.ServiceType
	Paise  int64
	Phases []domain.Phase // the last may be the only one
	After  int            // minutes that its member needs afterwards
}

// minutes is the customer's time.
func (t treatment) minutes() (sum int) {
	for _, p := range t.Phases {
		sum += p.Minutes
	}
	return sum
}

func (t treatment) offer() offerService {
	o := offerService{
		Name: t.Name, Type: string(t.Type), DurationMinutes: t.minutes(), PostBufferMinutes: t.After, PriceMinor: t.Paise,
	}
	if len(t.Phases) > 1 {
		o.Phases = t.Phases
	}
	return o
}

// active is a treatment that keeps its member busy all through.
func active(minutes int) []domain.Phase {
	return []domain.Phase{{Kind: domain.PhaseActive, Minutes: minutes}}
}

// menu is what every branch offers: a treatment with time in which it takes effect and the member is free, and one after which he
// has to clean up.
func (d dice) menu() []treatment {
	return d.named([]treatment{
		{Name: "Haircut & Styling", Type: domain.ServiceSalon, Paise: 80_000, Phases: active(30)},
		{Name: "Manicure", Type: domain.ServiceSalon, Paise: 60_000, Phases: active(30)},
		{Name: "Hair Colour", Type: domain.ServiceSalon, Paise: 320_000, Phases: []domain.Phase{
			{Kind: domain.PhaseActive, Minutes: 15},
			{Kind: domain.PhaseProcessing, Minutes: 15},
			{Kind: domain.PhaseActive, Minutes: 15},
		}},
		{Name: "Classic Facial", Type: domain.ServiceSpa, Paise: 180_000, Phases: active(30)},
		{Name: "Hot Stone Massage", Type: domain.ServiceSpa, Paise: 260_000, Phases: active(45), After: 15},
	})
}

// seasonal is a treatment that comes and goes, with somebody who comes for it.
func (d dice) seasonal() treatment {
	return d.named([]treatment{{Name: "Bridal Mehndi", Type: domain.ServiceSalon, Paise: 450_000, Phases: active(60)}})[0]
}

func (d dice) named(menu []treatment) []treatment {
	for i := range menu {
		menu[i].ID = d.id(domain.ServicePrefix)
	}
	return menu
}

// wish picks one or two treatments that can be booked together: nobody books the salon and the spa at once.
func (d dice) wish(menu []treatment, n int) []treatment {
	first := pick(d, menu)
	chosen := []treatment{first}
	others := slices.DeleteFunc(slices.Clone(menu), func(t treatment) bool { return t.ID == first.ID || t.Type != first.Type })
	if n > 1 && len(others) > 0 {
		chosen = append(chosen, pick(d, others))
	}
	return chosen
}

func ids(treatments []treatment) []string {
	list := make([]string, 0, len(treatments))
	for _, t := range treatments {
		list = append(list, t.ID)
	}
	return list
}
