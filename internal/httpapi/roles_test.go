package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readers are the columns of the table, in this order; the last is nobody.
var readers = []string{ada, ben, worker, helper, desk, away, manager, owner, ""}

// world is a salon in which everything that somebody may read is there.
type world struct {
	*salon
	targets map[string]string // what stands for the braces of a route
}

// openWorld lets ada have a visit ahead, one that is asked for, one that was cancelled and one that took place, a guest have been,
// ben have missed four, and asha be off.
func openWorld(t *testing.T) world {
	t.Helper()
	s := openSalon(t, nil)
	s.remove(owner, nordPath+"/staff/"+asha).want(http.StatusOK)
	s.put(owner, mittePath+"/services/"+cut, `{"name":"Colour","phases":[{"kind":"active","minutes":20},{"kind":"processing","minutes":10}],
		"preBufferMinutes":5,"postBufferMinutes":5,"leadMinutes":30,"priceMinor":3500}`).want(http.StatusOK)
	s.put(owner, mittePath+"/policy", `{"leadMinutes":0,"activeCap":50,"horizonDays":60}`).want(http.StatusOK)
	s.put(manager, shiftsOf(asha), atBranch(mitte, everyDay(`[{"from":"00:00","to":"24:00"}]`))).want(http.StatusOK)
	s.put(manager, mittePath+"/hours", `{"override":{"date":"2026-06-20","ranges":[{"from":"00:00","to":"24:00"}]}}`).want(http.StatusOK)
	s.post(manager, mittePath+"/closures", `{"fromDate":"2026-07-01","toDate":"2026-07-01","reason":"The roof is open."}`).want(http.StatusCreated)
	s.settle()
	for user, name := range map[string]string{ben: "Ben Franklin", bela: "Bela B.", desk: "Dora Desk", worker: "Asha Rao"} {
		s.put(owner, "/api/directory/"+user, `{"name":"`+name+`"}`).want(http.StatusOK)
	}
	guest := s.walkIn(`"guest":{"name":"Grace Hopper","phone":"+49 30 1234567"}`).want(http.StatusCreated).text("id")
	s.acts(desk, guest, `{"action":"complete","paymentMethod":"card","paidMinor":3000}`)
	s.missFour(ben)
	at := func(start string) string { return strings.Replace(wish(10), tomorrow(10), start, 1) }
	confirmed := s.request(desk, with(at("2026-06-23T10:00:00Z"), `"customerId":"`+ada+`"`))
	s.confirm(confirmed)
	s.note(ada, confirmed, "I am allergic to henna.", "")
	s.note(worker, confirmed, "SECRET-NOTE", "")
	s.acts(desk, confirmed, `{"action":"reschedule","startAt":"2026-06-23T11:00:00Z","reason":"We open later."}`)
	cancelled := s.request(ada, at("2026-06-23T13:00:00Z"))
	s.confirm(cancelled)
	s.acts(desk, cancelled, `{"action":"cancel","reasonCode":"equipment","reason":"The dryer is broken."}`)
	pending := s.request(ada, at("2026-06-23T15:00:00Z"))
	leave := s.askLeave(worker, `{"branchId":"`+mitte+`","fromDate":"2026-06-23","toDate":"2026-06-23","leaveType":"sick","reason":"A bad back."}`)
	s.decide(desk, leave, `{"action":"approve"}`).want(http.StatusOK)
	s.decide(manager, s.askLeave(worker, leaveOn("")), `{"action":"reject","reason":"Not then."}`).want(http.StatusOK)
	s.delivered()
	s.parked()
	s.post(owner, opsDeliveries+"/replays", s.everything("")).want(http.StatusAccepted)
	return world{s, map[string]string{
		"confirmed": confirmed, "cancelled": cancelled, "pending": pending, "guest": guest, "leave": strings.TrimPrefix(leave, "/api/leave/"), "event": otherEvent,
	}}
}

// routes are what is read, with words in braces for what stands there.
func routes() []string {
	const week = "from=2026-06-15&to=2026-06-25"
	return []string{
		"/api/bookings", "/api/bookings/{confirmed}", "/api/bookings/{pending}", "/api/bookings/{cancelled}", "/api/bookings/{guest}",
		"/api/bookings/{confirmed}/notes", "/api/bookings/{confirmed}/history", "/api/branches", mittePath, mittePath + "/services",
		mittePath + "/staff", mittePath + "/hours", mittePath + "/policy", mittePath + "/closures",
		mittePath + "/availability?from=2026-06-22&to=2026-06-23&serviceIds=" + cut, standingOf(ben), "/api/leave", "/api/leave/{leave}",
		"/api/schedule?" + week, "/api/staff/" + asha + "/schedule?" + week, shiftsOf(asha), "/api/session", "/healthz", "/readyz",
		"/api/ops/projections", "/api/ops/projections/bookings", "/api/ops/projections/bookings/generations/1",
		"/api/ably/token", "/api/ops/deliveries", "/api/ops/deliveries/{event}", "/api/ops/deliveries/parked", "/api/ops/deliveries/replays",
	}
}

// members lists the places that an answer has values at, such as segments/*/staffId. A policy and a week are told as a whole.
func members(at string, v any) (places []string) {
	if strings.HasSuffix(at, "policy") || strings.HasSuffix(at, "week") {
		return []string{at}
	}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if strings.ContainsAny(key, "_-0123456789") {
				key = "*" // an id or a date
			}
			places = append(places, members(strings.TrimPrefix(at+"/"+key, "/"), value)...)
		}
	case []any:
		for _, value := range v {
			places = append(places, members(at+"/*", value)...)
		}
	}
	if len(places) == 0 {
		return []string{at}
	}
	return places
}

// The table of every read by everybody is testdata/visibility.txt: a block for each route, the status and a row for each place that
// somebody may see, a column for each reader: the customer, another one, the staff, other staff, the desk, another branch's desk,
// its manager, the owner, nobody. The file was read line by line; what it does not allow is not shown.
func TestEverybodySeesWhatIsHis(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	var table strings.Builder
	for _, route := range routes() {
		path := w.path(route)
		statuses, seen := make([]string, len(readers)), map[string][]string{}
		for i, as := range readers {
			a := w.get(as, path)
			statuses[i] = fmt.Sprint(a.status)
			if a.status != http.StatusOK {
				continue
			}
			w.forbids(t, as, route, a)
			var tree any
			check(t, json.Unmarshal(a.body, &tree))
			for _, place := range members("", tree) {
				if seen[place] == nil {
					seen[place] = slices.Repeat([]string{"  ."}, len(readers))
				}
				seen[place][i] = "  x"
			}
		}
		fmt.Fprintf(&table, "%s\n%-48s%s\n", route, "", strings.Join(statuses, " "))
		for _, place := range sortedKeys(seen) {
			fmt.Fprintf(&table, "  %-46s%s\n", place, strings.Join(seen[place], " "))
		}
		table.WriteByte('\n')
	}
	file := filepath.Join("testdata", "visibility.txt")
	if *update {
		check(t, os.WriteFile(file, []byte(table.String()), 0o600))
	}
	want, err := os.ReadFile(file)
	check(t, err)
	if got := table.String(); got != string(want) {
		t.Errorf("%s is not what is shown: run the test with -update and read the difference", file)
	}
}

// path puts the targets into a route.
func (w world) path(route string) string {
	for word, id := range w.targets {
		route = strings.ReplaceAll(route, "{"+word+"}", id)
	}
	return route
}

// forbids checks an answer for what its reader must never see, whatever the table says.
func (w world) forbids(t *testing.T, as, route string, a answer) {
	t.Helper()
	var never []string
	switch as {
	case ada, ben:
		never = []string{
			`"staffId"`, `"staffIds"`, "reasonCode", "equipment", "SECRET-NOTE", `"internal"`, "authorId", "BufferMinutes", `"desk"`,
			"requiresManager", "A bad back", "Hopper", "1234567",
		}
		if strings.HasPrefix(route, "/api/branches") {
			never = slices.DeleteFunc(never, func(s string) bool { return s == `"staffId"` }) // whom to choose among
		}
	case worker, helper:
		never = []string{"Minor", ":3500", `"EUR"`, `"currency"`, "1234567", `"phone"`, "reasonCode", `"desk"`, "paymentMethod"}
		if strings.HasPrefix(route, "/api/branches") {
			never = slices.DeleteFunc(never, func(s string) bool { return s == `"EUR"` || s == `"currency"` }) // which is no price
		}
	case desk, manager, owner:
	case away:
		never = []string{"SECRET-NOTE", "1234567", "A bad back", `"sick"`}
	case "":
		never = []string{mitte, asha, ada}
	}
	if as == helper {
		never = append(never, "A bad back", `"sick"`, "SECRET-NOTE")
	}
	for _, text := range never {
		if a.shows(text) {
			t.Errorf("%s sees %s at %s: %s", as, text, route, a.body)
		}
	}
}

// What is not there is answered as what is not the reader's, to the byte.
func TestWhatIsNotTheReadersIsNotThere(t *testing.T) {
	t.Parallel()
	w := openWorld(t)
	nobodys := regexp.MustCompile(`\{leave\}|\{\w+\}|` + asha + `|` + ben)
	compared := 0
	for _, route := range routes() {
		none := nobodys.ReplaceAllStringFunc(route, func(target string) string {
			switch target {
			case "{leave}":
				return "lv_00000000000000000000"
			case asha:
				return "stf_nobody01"
			case ben:
				return "usr_nobody01"
			}
			return "bkg_00000000000000000000"
		})
		if none == route {
			continue
		}
		for _, as := range readers {
			theirs := w.get(as, w.path(route))
			if theirs.status == http.StatusOK {
				continue
			}
			compared++
			nothing := w.get(as, none)
			if theirs.status != nothing.status || string(theirs.body) != string(nothing.body) {
				t.Errorf("%s at %s: the answers differ:\n%d %s\n%d %s", as, route, theirs.status, theirs.body, nothing.status, nothing.body)
			}
			for name := range nothing.header {
				if name != "Date" && !slices.Equal(theirs.header[name], nothing.header[name]) {
					t.Errorf("%s at %s: %s differs", as, route, name)
				}
			}
		}
	}
	if compared < 30 {
		t.Errorf("only %d answers were compared", compared)
	}
}

// Every read is in the table, but for calendars, which have no session.
func TestTheTableHasEveryRead(t *testing.T) {
	t.Parallel()
	var patterns []string
	for _, route := range routes() {
		path, _, _ := strings.Cut(route, "?")
		patterns = append(patterns, path)
	}
	openSalon(t, nil).document().each(func(method, path string, op described) {
		if method != http.MethodGet || op.OperationID == "readCalendar" {
			return
		}
		matches := regexp.MustCompile("^" + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, `[^/]+`) + "$")
		if !slices.ContainsFunc(patterns, matches.MatchString) {
			t.Errorf("%s is not in the table", path)
		}
	})
}
