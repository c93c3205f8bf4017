package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

// regular is a read side where every customer and every member has more bookings than a token holds, the most wanted first.
type regular struct{ httpapi.Queries }

func many(most int) (ids []string) {
	for i := range most {
		ids = append(ids, fmt.Sprintf("bkg_%020d", i))
	}
	return ids
}

// OwnBookingIDs returns as many as are asked for.
func (regular) OwnBookingIDs(_ context.Context, _ string, most int) ([]string, error) {
	return many(most), nil
}

// AssignedBookingIDs returns as many as are asked for.
func (regular) AssignedBookingIDs(_ context.Context, _ string, most int) ([]string, error) {
	return many(most), nil
}

// TestATokenForManyBookingsIsCutAndSaysSo asks for one that the cut would leave out, and finds it, and the most wanted.
func TestATokenForManyBookingsIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) { c.Queries = regular{c.Queries} })
	wanted := s.book(ada, 10)
	s.confirm(wanted) // so that its staff are told of it
	for _, as := range []string{ada, worker} {
		a := s.get(as, "/api/ably/token?bookingId="+wanted).want(http.StatusOK)
		var got httpapi.TokenView
		check(t, json.Unmarshal(a.body, &got))
		channels := capabilityOf(t, a)
		if !got.Truncated || len(got.Token) > publishers.MaxTokenBytes {
			t.Errorf("%s: cut %v, %d bytes", as, got.Truncated, len(got.Token))
		}
		kept := 0
		for _, id := range many(200) {
			if channels["booking:"+id] == nil {
				break
			}
			kept++
		}
		per := 1
		if as == worker {
			per = 2 // with the internal channel
		}
		if want := 1 + per*(kept+1); kept < 20 || len(channels) != want || channels["booking:"+wanted] == nil {
			t.Errorf("%s: %d are kept from the first on, of %d channels", as, kept, len(channels))
		}
		if line := fmt.Sprintf(`"channels":%d,"cut":true`, len(channels)); !strings.Contains(s.log.String(), line) {
			t.Errorf("the log lacks %s", line)
		}
	}
}
