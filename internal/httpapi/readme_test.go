package httpapi_test

import (
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/httpapi"
)

// The README names six commands, and says how many more there are.
func TestTheReadmeCountsTheCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	check(t, err)
	const named, faults = 6, 1 // what is asked of the write side and is no command
	if want := fmt.Sprintf("and %d more", reflect.TypeFor[httpapi.Commands]().NumMethod()-named-faults); !strings.Contains(string(text), want) {
		t.Errorf("the README does not say %q", want)
	}
}

// The grid is for proposals: a start off it is as good as one on it, where nobody else has the time.
func TestAStartOffTheGridIsAccepted(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	at := func(minute string) string { return strings.Replace(tomorrow(10), "10:00", minute, 1) }
	off := func(minute string) string { return strings.Replace(wish(10), tomorrow(10), at(minute), 1) }
	own := s.request(ada, off("10:07"))
	s.read(ada, own).has("startAt", at("10:07"))
	theirs := s.request(desk, with(off("11:01"), `"customerId":"`+ben+`"`))
	s.read(desk, theirs).has("startAt", at("11:01"))
	s.acts(ada, own, `{"action":"reschedule","startAt":"`+at("12:13")+`"}`)
	s.acts(desk, theirs, `{"action":"reschedule","startAt":"`+at("13:59")+`"}`)
	s.read(ada, own).has("startAt", at("12:13"))
	s.read(desk, theirs).has("startAt", at("13:59"))
	s.post(ben, "/api/bookings", off("12:14")).refused(http.StatusConflict, "BOOKING_SLOT_UNAVAILABLE")
}
