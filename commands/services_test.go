package commands_test

import (
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
)

func (s *salon) addCut(by commands.Caller, booking commands.Receipt) (commands.Receipt, error) {
	return s.AddService(s.tb.Context(), by, s.seen(booking), commands.AddService{BookingID: booking.ID, ServiceID: cut})
}

// The form that a request must have and what may be added later have one limit.
func TestARequestHasNoMoreServicesThanABooking(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	most := slices.Repeat([]string{cut}, domain.MaxSegments)
	_, err := s.RequestBooking(t.Context(), carla, s.key(), wish(anna, opening, append(most, cut)...))
	fields := refusal(t, err, domain.Invalid, domain.CodeValidation).Details["fields"].([]commands.FieldError)
	if len(fields) != 1 || fields[0].Pointer != "/services" {
		t.Errorf("named %v", fields)
	}
	b, err := s.RequestBooking(t.Context(), carla, s.key(), wish(anna, opening, most...))
	s.must(err)
	for _, by := range []commands.Caller{carla, desk} {
		_, err := s.addCut(by, b)
		wantRefusal(t, err, domain.Unprocessable, domain.CodeBusinessRule)
	}
	walkIn := guest()
	walkIn.Services = slices.Repeat([]commands.RequestedService{{ServiceID: cut, StaffID: boris}}, domain.MaxSegments+1)
	_, err = s.CreateWalkIn(t.Context(), desk, s.key(), walkIn)
	wantRefusal(t, err, domain.Invalid, domain.CodeValidation)
	walkIn.Services = walkIn.Services[1:]
	if _, err = s.CreateWalkIn(t.Context(), desk, s.key(), walkIn); err != nil {
		t.Errorf("a walk-in with as many as may be: %v", err)
	}
}

func TestACustomerDoesNotGrowABookingPastTheLimitsOfARequest(t *testing.T) {
	t.Parallel()
	s := newSalon(t)
	b := s.mustRequest(carla, anna, opening)
	s.reads.overlap = true
	_, err := s.addCut(carla, b)
	wantRefusal(t, err, domain.Conflict, domain.CodeOverlap)
	if asked := s.reads.asked; asked.StartAt != opening.Add(30*time.Minute) || asked.EndAt != opening.Add(time.Hour) {
		t.Errorf("the customer's bookings were looked at in %v", asked)
	}
	s.reads.overlap = false
	far := s.now.Add(30 * 24 * time.Hour)
	late := s.mustRequest(carla, anna, far)
	_, err = s.addCut(carla, late)
	wantRefusal(t, err, domain.Unprocessable, domain.CodeHorizon)
	for _, id := range []commands.Receipt{b, late} {
		s.reads.overlap = true
		if _, err := s.addCut(desk, id); err != nil {
			t.Errorf("the desk: %v", err)
		}
	}
}
