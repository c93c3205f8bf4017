package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/internal/httpapi"
)

// counting is a write side that says yes to whatever reaches it.
type counting struct {
	httpapi.Commands
	reached *int
}

func (c counting) yes() (commands.Receipt, error) {
	*c.reached++
	return commands.Receipt{ID: "bkg_00000000000000000000"}, nil
}

func (c counting) ApproveBooking(
	context.Context, commands.Caller, commands.Options, commands.ApproveBooking,
) (commands.Receipt, error) {
	return c.yes()
}

func (c counting) RejectBooking(
	context.Context, commands.Caller, commands.Options, commands.RejectBooking,
) (commands.Receipt, error) {
	return c.yes()
}

func (c counting) CancelBooking(
	context.Context, commands.Caller, commands.Options, commands.CancelBooking,
) (commands.Receipt, error) {
	return c.yes()
}

func (c counting) AssignStaff(
	context.Context, commands.Caller, commands.Options, commands.AssignStaff,
) (commands.Receipt, error) {
	return c.yes()
}

// Whatever a body is, it is one well-formed object that reaches one command, or it is refused as a problem.
func FuzzABodyIsUnderstoodOrRefused(f *testing.F) {
	for _, body := range []string{
		`{"action":"approve"}`, `{"action":"reject","reason":"no"}`, `{"action":"cancel","cancelledBy":"salon"}`,
		`{"action":"assign","segmentId":"seg_1","staffId":"stf_asha0001"}`, `{"action":"approve","assignments":[{}]}`,
		`{"action":"approve","action":"reject"}`, `{"action":null}`, `[]`, ``, "null", `{"action":"approve"} {}`, "{\"\xff\":1}",
		`{"action":{"action":"approve"}}`, `{"":0,"action":"approve"}`, `{"action":"approve","assignments":null}`,
	} {
		f.Add([]byte(body), `"0"`)
	}
	reached := 0
	s := openSalon(f, func(c *httpapi.Config) { c.Commands = counting{c.Commands, &reached} })
	f.Fuzz(func(t *testing.T, body []byte, ifMatch string) {
		s := *s
		s.tb, s.contract = t, nil
		reached = 0
		a := s.ask(desk, http.MethodPatch, "/api/bookings/bkg_00000000000000000000", string(body),
			"Content-Type", "application/json", "If-Match", ifMatch)
		switch a.status {
		case http.StatusOK:
			if reached != 1 || !json.Valid(body) {
				t.Errorf("%q reached %d commands", body, reached)
			}
		case http.StatusBadRequest:
			if reached != 0 || a.text("code") != "VALIDATION_ERROR" {
				t.Errorf("%q was refused and reached %d commands: %s", body, reached, a.body)
			}
		default:
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
	})
}
