package domain

import "slices"

// ServiceType parts what a salon does into the two kinds that are never booked together.
type ServiceType string

// The types of service.
const (
	ServiceSalon ServiceType = "salon"
	ServiceSpa   ServiceType = "spa"
)

// PhaseKind says who is busy during a phase of a service.
type PhaseKind string

// The kinds of phase. The customer is there in both.
const (
	// PhaseActive: the member of staff works on the customer.
	PhaseActive PhaseKind = "active"
	// PhaseProcessing: something takes effect, and the member is free for others.
	PhaseProcessing PhaseKind = "processing"
)

// Phase is a part of a service.
type Phase struct {
	Kind    PhaseKind `json:"kind"`
	Minutes int       `json:"minutes"`
}

// Service is what a branch offers: terms that a booking copies when it is requested.
type Service struct {
	ServiceID string      `json:"serviceId"`
	Name      string      `json:"name"`
	Type      ServiceType `json:"type"`
	// DurationMinutes is the time that the customer spends: the sum of the phases. Buffers come on top.
	DurationMinutes int `json:"durationMinutes"`
	// Phases divide the duration; none means that it is active throughout.
	Phases []Phase `json:"phases,omitempty"`
	// PreBufferMinutes and PostBufferMinutes are the member's time before and after, which the customer does not see. Between
	// two bookings the buffer after the first and that before the second add up.
	PreBufferMinutes  int   `json:"preBufferMinutes,omitempty"`
	PostBufferMinutes int   `json:"postBufferMinutes,omitempty"`
	PriceMinor        int64 `json:"priceMinor"` // minor units of the branch's currency, tax included
	// LeadMinutes is how long ahead a customer must book this service, where that is longer than the branch's lead time.
	LeadMinutes int `json:"leadMinutes,omitempty"`
}

// MaxServiceMinutes bounds a service with its buffers: a day.
const MaxServiceMinutes = 24 * 60

// check refuses terms that no booking could have, and fills in what follows from the rest.
func (s Service) check() (Service, *Refusal) {
	if s.Type == "" {
		s.Type = ServiceSalon
	}
	if len(s.Phases) > 0 {
		sum, active := 0, false
		for _, p := range s.Phases {
			if p.Minutes <= 0 || (p.Kind != PhaseActive && p.Kind != PhaseProcessing) {
				return s, Refuse(Invalid, CodeValidation, "a phase is active or processing and lasts at least a minute")
			}
			sum += p.Minutes
			active = active || p.Kind == PhaseActive
		}
		switch {
		case !active:
			return s, Refuse(Invalid, CodeValidation, "a service has an active phase")
		case s.DurationMinutes != 0 && s.DurationMinutes != sum:
			return s, Refuse(Invalid, CodeValidation, "the phases add up to %d minutes, not %d", sum, s.DurationMinutes)
		}
		s.DurationMinutes = sum
		if len(s.Phases) == 1 {
			s.Phases = nil // active throughout, said at length
		}
	}
	total := s.PreBufferMinutes + s.DurationMinutes + s.PostBufferMinutes
	if s.DurationMinutes <= 0 || s.PreBufferMinutes < 0 || s.PostBufferMinutes < 0 || total > MaxServiceMinutes {
		return s, Refuse(Invalid, CodeValidation, "a service lasts 1 to %d minutes with its buffers", MaxServiceMinutes)
	}
	return s, nil
}

func (s Service) equal(o Service) bool {
	return slices.Equal(s.Phases, o.Phases) && s.ServiceID == o.ServiceID && s.Name == o.Name && s.Type == o.Type &&
		s.DurationMinutes == o.DurationMinutes && s.PreBufferMinutes == o.PreBufferMinutes &&
		s.PostBufferMinutes == o.PostBufferMinutes && s.PriceMinor == o.PriceMinor && s.LeadMinutes == o.LeadMinutes
}
