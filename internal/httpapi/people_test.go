package httpapi_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
)

// The people and places of the tests.
const (
	ada     = "usr_ada00001" // customers
	ben     = "usr_ben00001"
	desk    = "usr_desk0001" // receptionist of the first branch
	away    = "usr_away0001" // receptionist of the other branch
	manager = "usr_manage01" // of the first branch
	owner   = "usr_owner001"
	worker  = "usr_worker01" // is asha
	helper  = "usr_helper01" // is bela
	asha    = "stf_asha0001"
	bela    = "stf_bela0001"
	mitte   = "br_mitte0001"
	nord    = "br_nord00001"
	cut     = "svc_cut00001"
	wash    = "svc_wash0001" // offered where a test says so
	sealing = "0123456789abcdef0123456789abcdef"
)

// session returns a token for one of the people; who is not known is a customer.
func session(tb testing.TB, user string) string {
	tb.Helper()
	s := httpapi.Session{UserID: user, Role: domain.RoleCustomer}
	switch user {
	case desk:
		s.Role, s.BranchIDs = domain.RoleReceptionist, []string{mitte}
	case away:
		s.Role, s.BranchIDs = domain.RoleReceptionist, []string{nord}
	case manager:
		s.Role, s.BranchIDs = domain.RoleManager, []string{mitte}
	case owner:
		s.Role = domain.RoleOwner
	case worker:
		s.Role, s.StaffID = domain.RoleStaff, asha
	case helper:
		s.Role, s.StaffID = domain.RoleStaff, bela
	}
	token, err := httpapi.SignSession([]byte(sealing), s, time.Now(), time.Hour)
	check(tb, err)
	return token
}

// furnish opens the branches over the API, with asha and bela working at both whenever they are open, and gives some of the
// people names.
func (s *salon) furnish() {
	s.tb.Helper()
	for _, branch := range []string{mitte, nord} {
		s.put(owner, "/api/branches/"+branch, `{"name":"Salon","timeZone":"Europe/Berlin","currency":"EUR",
			"policy":{"leadMinutes":0,"horizonDays":365,"activeCap":50}}`).want(http.StatusOK)
		s.offer(branch, cut, `{"name":"Haircut","durationMinutes":30,"priceMinor":3500}`)
		for _, member := range []string{asha, bela} {
			s.put(owner, "/api/branches/"+branch+"/staff/"+member, `{}`).want(http.StatusOK)
		}
	}
	s.put(owner, "/api/directory/"+ada, `{"name":"Ada Lovelace"}`).want(http.StatusOK)
	s.put(owner, "/api/directory/"+asha, `{"name":"Asha Rao"}`).want(http.StatusOK)
	s.settle()
}

// offer makes a branch offer a service.
func (s *salon) offer(branch, service, terms string) {
	s.tb.Helper()
	s.put(owner, "/api/branches/"+branch+"/services/"+service, terms).want(http.StatusOK)
}

// tomorrow is an instant that can be booked: an hour (UTC) of the day after tomorrow.
func tomorrow(hour int) string {
	return time.Date(2026, 6, 17, hour, 0, 0, 0, time.UTC).Format(time.RFC3339)
}

// wish is the body of a request for a haircut by asha in the first branch.
func wish(hour int) string {
	return `{"branchId":"` + mitte + `","startAt":"` + tomorrow(hour) + `","services":[{"serviceId":"` + cut +
		`","staffId":"` + asha + `"}]}`
}

// request asks for a booking by any body.
func (s *salon) request(as, body string) (id string) {
	s.tb.Helper()
	r := s.post(as, "/api/bookings", body).want(http.StatusCreated)
	s.settle()
	return r.text("id")
}

// book requests a haircut for a customer.
func (s *salon) book(customer string, hour int) (id string) {
	s.tb.Helper()
	return s.request(customer, wish(hour))
}

// confirm approves a booking.
func (s *salon) confirm(id string) {
	s.tb.Helper()
	s.acts(desk, id, `{"action":"approve"}`)
}

// firm requests a haircut for a customer and approves it.
func (s *salon) firm(customer string, hour int) (id string) {
	s.tb.Helper()
	id = s.book(customer, hour)
	s.confirm(id)
	return id
}

// read reads a booking.
func (s *salon) read(as, id string) answer {
	s.tb.Helper()
	return s.get(as, "/api/bookings/"+id).want(http.StatusOK)
}

// act changes a booking on what the caller sees of it now.
func (s *salon) act(as, id, body string) answer {
	s.tb.Helper()
	path := "/api/bookings/" + id
	var headers []string
	if tag := s.get(as, path).header.Get("ETag"); tag != "" {
		headers = []string{"If-Match", tag}
	}
	a := s.patch(as, path, body, headers...)
	s.settle()
	return a
}

// acts is act that succeeds.
func (s *salon) acts(as, id, body string) answer {
	s.tb.Helper()
	return s.act(as, id, body).want(http.StatusOK)
}

// ids lists the bookings of a list.
func (a answer) ids() []string {
	a.tb.Helper()
	return a.each("bookings", "id")
}

// sameSet reports whether two lists have the same members.
func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
