package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

const (
	opsParked  = opsDeliveries + "/parked"
	opsRedrive = opsDeliveries + "/redrive"
	opsReplays = opsDeliveries + "/replays"
)

// parked lets two channels wait for an operator: one with two messages that the service refused, one with a message that it failed on
// ten times.
func (s *salon) parked() {
	s.tb.Helper()
	queued := func(channel string, position, part int) string {
		return fmt.Sprintf(`INSERT INTO queued VALUES ('%s', %d, %d, '', 0, 1, '%s', 'booking.requested', '', 'created', 'bkg_12345678', '{}', '{}', 0,
			1781517600000000, '')`, channel, position, part, someEvent)
	}
	for _, statement := range []string{
		queued("customer:usr_ada00001:bookings", 10, 0), queued("customer:usr_ada00001:bookings", 30, 0), queued("admin:bookings:br_1", 30, 0),
		`INSERT INTO parked VALUES ('customer:usr_ada00001:bookings', 1781517601000000, 'refused', 400, 40009, 'too large')`,
		`INSERT INTO parked VALUES ('admin:bookings:br_1', 1781517602000000, 'attempts', 500, 50000, 'internal error')`,
	} {
		if _, err := s.outbox.Write.ExecContext(s.tb.Context(), statement); err != nil {
			s.tb.Fatal(err)
		}
	}
}

// everything is a range of all that has happened so far.
func (s *salon) everything(more string) string {
	return fmt.Sprintf(`{"from":1,"to":%d%s}`, s.head(), more)
}

// head is the position of the last event.
func (s *salon) head() eventstore.Position {
	s.tb.Helper()
	head, err := s.store.Head(s.tb.Context())
	check(s.tb, err)
	return head
}

// asked returns the lines of the log that say what operators asked for.
func (s *salon) asked() (lines []string) {
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, `"msg":"operator"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestWhatIsParkedIsShownToOperators(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.get(owner, opsParked).want(http.StatusOK).has("parked/0/channel", "")
	s.parked()
	for _, as := range []string{ada, worker, desk, manager} {
		s.get(as, opsParked).refused(http.StatusForbidden, "FORBIDDEN")
	}
	s.get(owner, opsParked).want(http.StatusOK).has(
		"parked/0/channel", "customer:usr_ada00001:bookings", "parked/0/why", "refused", "parked/0/code", "40009", "parked/0/messages", "2",
		"parked/0/first", "10", "parked/0/last", "30", "parked/0/oldest", "2026-06-15T10:00:00Z",
		"parked/1/channel", "admin:bookings:br_1", "parked/1/why", "attempts", "parked/1/messages", "1", "parked/2/channel", "")
}

func TestOperatorsRedriveWhatIsParked(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.parked()
	for _, as := range []string{ada, worker, desk, manager} {
		s.post(as, opsRedrive, `{"all":true}`).refused(http.StatusForbidden, "FORBIDDEN")
	}
	for _, wrong := range []string{
		``, `{}`, `{"all":false}`, `{"dryRun":true}`, `{"all":true,"why":"refused"}`, `{"channel":"admin:bookings:br_1","all":true}`, `{"why":"luck"}`,
		`{"channel":"admin:*"}`, `{"channel":""}`, `{"channel":"` + strings.Repeat("x", 201) + `"}`,
	} {
		s.post(owner, opsRedrive, wrong).refused(http.StatusBadRequest, "VALIDATION_ERROR")
	}
	s.post(owner, opsRedrive, `{"all":true,"dryRun":true}`).want(http.StatusOK).has("dryRun", "true", "messages", "3", "channels/1/channel", "admin:bookings:br_1")
	if lines := s.asked(); len(lines) != 0 {
		t.Errorf("nothing was changed: %q", lines)
	}
	s.post(owner, opsRedrive, `{"channel":"admin:bookings:br_2"}`).refused(http.StatusNotFound, "NOT_FOUND")
	s.post(owner, opsRedrive, `{"why":"unreadable"}`).refused(http.StatusNotFound, "NOT_FOUND")
	s.get(owner, opsParked).want(http.StatusOK).has("parked/1/channel", "admin:bookings:br_1")

	s.post(owner, opsRedrive, `{"why":"refused"}`).want(http.StatusOK).has(
		"dryRun", "false", "messages", "2", "channels/0/channel", "customer:usr_ada00001:bookings", "channels/1/channel", "")
	s.get(owner, opsParked).want(http.StatusOK).has("parked/0/channel", "admin:bookings:br_1", "parked/1/channel", "")
	s.post(owner, opsRedrive, `{"channel":"admin:bookings:br_1"}`).want(http.StatusOK).has("messages", "1")
	s.get(owner, opsParked).want(http.StatusOK).has("parked/0/channel", "")
	s.post(owner, opsRedrive, `{"all":true}`).refused(http.StatusNotFound, "NOT_FOUND")
	if lines := s.asked(); len(lines) != 5 || !strings.Contains(lines[1], `"asks_for":"redrive","of":"publisher","by":"`+owner+`"`) {
		t.Errorf("the log has %q", lines)
	}
}

func TestOperatorsReplayARangeOfTheLog(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.book(ada, 10)
	all := s.everything("")
	for _, as := range []string{ada, worker, desk, manager} {
		s.post(as, opsReplays, all).refused(http.StatusForbidden, "FORBIDDEN")
		s.get(as, opsReplays).refused(http.StatusForbidden, "FORBIDDEN")
	}
	dry := s.post(owner, opsReplays, s.everything(`,"dryRun":true`)).want(http.StatusAccepted).has(
		"dryRun", "true", "id", "", "events", fmt.Sprint(len(s.store.All())))
	s.get(owner, opsReplays).want(http.StatusOK).has("replays/0/id", "")
	if lines := s.asked(); len(lines) != 0 || dry.number("messages") == "0" {
		t.Errorf("a dry run: %s, the log has %q", dry.body, lines)
	}

	begun := s.post(owner, opsReplays, all).want(http.StatusAccepted).has("messages", dry.number("messages"), "requestedBy", owner)
	s.post(owner, opsReplays, s.everything(`,"channel":"customer:`+ada+`:bookings"`)).want(http.StatusAccepted).has("channels", "1")
	s.get(owner, opsReplays).want(http.StatusOK).has(
		"replays/0/channel", "customer:"+ada+":bookings", "replays/1/id", begun.text("id"), "replays/1/messages", "0", "replays/1/requestedBy", owner,
		"replays/2/id", "")
	if lines := s.asked(); len(lines) != 2 || !strings.Contains(lines[0], `"asks_for":"replay","of":"publisher","by":"`+owner+`"`) {
		t.Errorf("the log has %q", lines)
	}
}

func TestARangeThatIsNoneIsNotReplayed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.book(ada, 10)
	end := s.head()
	for body, names := range map[string]string{
		`{}`:                                   "/from",
		`{"from":1}`:                           "/to",
		`{"from":0,"to":1}`:                    "/from",
		`{"from":-1,"to":1}`:                   "/from",
		`{"from":3,"to":2}`:                    "/to",
		`{"from":1,"to":2,"channel":"a*"}`:     "/channel",
		`{"from":1,"to":2,"channel":""}`:       "/channel",
		`{"from":1,"to":18446744073709551616}`: "/to",
	} {
		for _, dry := range []string{body, strings.TrimSuffix(body, "}") + `,"dryRun":true}`} {
			if a := s.post(owner, opsReplays, strings.Replace(dry, "{,", "{", 1)).refused(http.StatusBadRequest, "VALIDATION_ERROR"); !a.names(names) {
				t.Errorf("%s: %s", dry, a.body)
			}
		}
	}
	for body, says := range map[string]string{
		fmt.Sprintf(`{"from":1,"to":%d}`, end+1):                     fmt.Sprintf("ends in the future: the log ends at %d", end),
		fmt.Sprintf(`{"from":%d,"to":%d,"dryRun":true}`, end, end+1): fmt.Sprintf("ends in the future: the log ends at %d", end),
		fmt.Sprintf(`{"from":1,"to":%d,"channel":"nobody"}`, end):    "has no message",
	} {
		if a := s.post(owner, opsReplays, body).refused(http.StatusBadRequest, "VALIDATION_ERROR"); !a.shows(says) {
			t.Errorf("%s: %s", body, a.body)
		}
	}
	s.get(owner, opsReplays).want(http.StatusOK).has("replays/0/id", "")
}

func TestWithoutRealtimeNothingIsReplayed(t *testing.T) {
	t.Parallel()
	s := openSalon(t, func(c *httpapi.Config) { c.Realtime = func() string { return string(publishers.NotConfigured) } })
	s.book(ada, 10)
	s.post(owner, opsReplays, s.everything("")).refused(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE")
	s.get(owner, opsReplays).want(http.StatusOK).has("replays/0/id", "")
	s.post(owner, opsReplays, s.everything(`,"dryRun":true`)).want(http.StatusAccepted)
}
