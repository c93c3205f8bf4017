package httpapi_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

// coded is how a code comes to be, in a salon of its own.
type coded struct {
	status int
	change func(*httpapi.Config)
	ask    func(s *salon) answer
}

// Each code has a request that gets it. What is a code is read from the source, so that a new one is missed here.
func TestEveryCodeIsGiven(t *testing.T) {
	t.Parallel()
	table := map[string]coded{}
	for _, part := range []map[string]coded{generalCodes(), bookingCodes(), rosterCodes(), transportCodes()} {
		maps.Copy(table, part)
	}
	known := append(codesIn(t, "../../domain/refusal.go", "Code"), codesIn(t, "problem.go", "domain.Code")...)
	for _, code := range known {
		if _, there := table[code]; !there {
			t.Errorf("no request gets %s", code)
		}
	}
	if len(known) != len(table) {
		t.Errorf("%d codes are known, and %d are tried", len(known), len(table))
	}
	for code, tt := range table {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			tt.ask(openSalon(t, tt.change)).refused(tt.status, code)
		})
	}
}

// codesIn lists the values of the constants of a type in a source file.
func codesIn(t *testing.T, file, of string) (codes []string) {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	check(t, err)
	ast.Inspect(source, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		name := ""
		switch typed := spec.Type.(type) {
		case *ast.Ident:
			name = typed.Name
		case *ast.SelectorExpr:
			name = "domain." + typed.Sel.Name
		}
		if name == of {
			for _, value := range spec.Values {
				literal, _ := value.(*ast.BasicLit)
				text, err := strconv.Unquote(literal.Value)
				check(t, err)
				codes = append(codes, text)
			}
		}
		return true
	})
	if len(codes) == 0 {
		t.Fatalf("%s has no codes", file)
	}
	slices.Sort(codes)
	return codes
}

func generalCodes() map[string]coded {
	return map[string]coded{
		"VALIDATION_ERROR": {status: 400, ask: func(s *salon) answer { return s.post(ada, "/api/bookings", `{}`) }},
		"UNAUTHENTICATED":  {status: 401, ask: func(s *salon) answer { return s.get("", "/api/bookings") }},
		"FORBIDDEN":        {status: 403, ask: func(s *salon) answer { return s.get(ada, "/api/schedule?from=2026-06-17") }},
		"NOT_FOUND":        {status: 404, ask: func(s *salon) answer { return s.get(ben, "/api/bookings/"+s.book(ada, 10)) }},
		"CONFLICT": {status: 409, ask: func(s *salon) answer {
			return s.put(owner, mittePath, `{"name":"Another","timeZone":"Europe/Berlin","currency":"EUR"}`)
		}},
		"STALE_REVISION": {status: 412, ask: func(s *salon) answer {
			return s.patch(desk, "/api/bookings/"+s.book(ada, 10), `{"action":"approve"}`, "If-Match", `"3"`)
		}},
		"IF_MATCH_REQUIRED": {status: 428, ask: func(s *salon) answer {
			return s.patch(desk, "/api/bookings/"+s.book(ada, 10), `{"action":"approve"}`)
		}},
		"IDEMPOTENCY_KEY_REUSED": {status: 422, ask: func(s *salon) answer {
			s.post(ada, "/api/bookings", wish(10), "Idempotency-Key", "k").want(http.StatusCreated)
			return s.post(ada, "/api/bookings", wish(11), "Idempotency-Key", "k")
		}},
		"BUSINESS_RULE_VIOLATION": {status: 422, ask: func(s *salon) answer {
			return s.act(desk, s.book(ada, 10), `{"action":"remove_service","segmentId":"seg_1"}`)
		}},
		"RATE_LIMITED": {status: 429, change: func(c *httpapi.Config) {
			c.Commands = broken{c.Commands, func(context.Context) error {
				return domain.Refuse(domain.RateLimited, domain.CodeRateLimited, "slower, please")
			}}
		}, ask: func(s *salon) answer { return s.post(ada, "/api/bookings", wish(10)) }},
		"SERVICE_UNAVAILABLE": {
			status: 503, change: func(c *httpapi.Config) { c.Tokens = publishers.TokenIssuer{} },
			ask: func(s *salon) answer { return s.post(ada, "/api/ably/token", "") },
		},
		"READ_BEHIND": {status: 503, ask: func(s *salon) answer { return s.get(ada, "/api/bookings?minPosition=999999999") }},
	}
}

func bookingCodes() map[string]coded {
	policy := func(s *salon, terms string) { s.put(manager, mittePath+"/policy", terms).want(http.StatusOK) }
	return map[string]coded{
		"BOOKING_SLOT_UNAVAILABLE": {status: 409, ask: func(s *salon) answer {
			s.book(ada, 10)
			return s.post(ben, "/api/bookings", wish(10))
		}},
		"BOOKING_INVALID_STATUS_TRANSITION": {status: 409, ask: func(s *salon) answer {
			return s.act(desk, s.book(ada, 10), `{"action":"finish","segmentId":"seg_1"}`)
		}},
		"BOOKING_ALREADY_CANCELLED": {status: 409, ask: func(s *salon) answer {
			id := s.book(ada, 10)
			s.acts(ada, id, `{"action":"cancel"}`)
			return s.act(ada, id, `{"action":"cancel"}`)
		}},
		"BOOKING_LEAD_TIME": {status: 422, ask: func(s *salon) answer {
			policy(s, `{"leadMinutes":10080}`)
			return s.post(ada, "/api/bookings", wish(10))
		}},
		"BOOKING_BEYOND_HORIZON": {status: 422, ask: func(s *salon) answer {
			policy(s, `{"horizonDays":1}`)
			return s.post(ada, "/api/bookings", wish(10))
		}},
		"BOOKING_ACTIVE_LIMIT": {status: 409, ask: func(s *salon) answer {
			policy(s, `{"activeCap":1}`)
			s.book(ada, 10)
			return s.post(ada, "/api/bookings", wish(11)).has("details/activeCap", "1")
		}},
		"BOOKING_CANCEL_WINDOW_PASSED": {status: 409, ask: func(s *salon) answer {
			id := s.firm(ada, 10)
			s.at(tomorrow(10))
			return s.act(ada, id, `{"action":"cancel"}`)
		}},
		"BOOKING_MAX_RESCHEDULES": {status: 409, ask: func(s *salon) answer {
			policy(s, `{"maxReschedules":0}`)
			return s.act(ada, s.book(ada, 10), moveTo(11))
		}},
		"BOOKING_RESCHEDULE_WINDOW_PASSED": {status: 409, ask: func(s *salon) answer {
			policy(s, `{"rescheduleCutoffMinutes":10080}`)
			return s.act(ada, s.book(ada, 10), moveTo(11))
		}},
		"BOOKING_OVERLAP": {status: 409, ask: func(s *salon) answer {
			s.book(ada, 10)
			return s.post(ada, "/api/bookings", strings.Replace(wish(10), asha, bela, 1))
		}},
		"BOOKING_OUTSIDE_HOURS": {status: 422, ask: func(s *salon) answer {
			s.put(manager, mittePath+"/hours", everyDay(tenToSix)).want(http.StatusOK)
			return s.post(ada, "/api/bookings", wish(20))
		}},
		"BOOKING_NO_SUCH_TIME": {status: 422, ask: func(s *salon) answer { return s.post(ada, "/api/bookings", local("2027-03-28", "02:30", "")) }},
		"BOOKING_NEEDS_MANAGER": {status: 403, ask: func(s *salon) answer {
			s.missFour(ada)
			id := s.request(ada, strings.Replace(wish(10), "-17T", "-25T", 1))
			return s.act(desk, id, `{"action":"approve"}`)
		}},
		"BRANCH_INACTIVE": {status: 422, ask: func(s *salon) answer {
			return s.post(ada, "/api/bookings", strings.Replace(wish(10), mitte, "br_nobody01", 1))
		}},
	}
}

func rosterCodes() map[string]coded {
	return map[string]coded{
		"STAFF_NOT_QUALIFIED": {status: 422, ask: func(s *salon) answer {
			return s.post(ada, "/api/bookings", strings.Replace(wish(10), asha, "stf_nobody01", 1))
		}},
		"STAFF_NOT_ON_SHIFT": {status: 422, ask: func(s *salon) answer {
			s.put(owner, shiftsOf(asha), atBranch(mitte, everyDay(`[]`))).want(http.StatusOK)
			return s.post(ada, "/api/bookings", wish(10))
		}},
		"STAFF_SHIFTS_OVERLAP": {status: 409, ask: func(s *salon) answer {
			s.put(owner, shiftsOf(asha), atBranch(mitte, everyDay(tenToSix))).want(http.StatusOK)
			return s.put(owner, shiftsOf(asha), atBranch(nord, everyDay(tenToSix)))
		}},
		"LEAVE_INVALID_STATUS_TRANSITION": {status: 409, ask: func(s *salon) answer {
			leave := s.askLeave(worker, leaveOn(""))
			s.decide(worker, leave, `{"action":"withdraw"}`)
			return s.decide(worker, leave, `{"action":"withdraw"}`)
		}},
		"LEAVE_CONFLICTS": {status: 409, ask: func(s *salon) answer {
			s.book(ada, 10)
			return s.decide(desk, s.askLeave(worker, leaveOn("")), `{"action":"approve","onConflict":"reject"}`)
		}},
		"LEAVE_OWN_APPROVAL": {status: 403, ask: func(s *salon) answer {
			leave := s.askLeave(worker, leaveOn(""))
			boss := httpapi.Session{UserID: "usr_boss0001", Role: domain.RoleOwner, StaffID: asha}
			return s.askAs(boss, http.MethodPatch, leave, `{"action":"approve"}`)
		}},
	}
}

// aPage has the API serve a file.
func aPage(c *httpapi.Config) {
	c.Console = http.FileServerFS(fstest.MapFS{"page.txt": {Data: []byte("Hello.")}})
}

func transportCodes() map[string]coded {
	return map[string]coded{
		"METHOD_NOT_ALLOWED": {status: 405, ask: func(s *salon) answer { return s.remove(ada, "/api/bookings") }},
		"PAYLOAD_TOO_LARGE": {status: 413, ask: func(s *salon) answer {
			return s.post(ada, "/api/bookings", strings.Repeat(" ", 1<<20)+"{}")
		}},
		"UNSUPPORTED_MEDIA_TYPE": {status: 415, ask: func(s *salon) answer {
			return s.post(ada, "/api/bookings", wish(10), "Content-Type", "text/plain")
		}},
		"REQUEST_TIMEOUT": {status: 408, ask: func(s *salon) answer {
			r := httptest.NewRequestWithContext(s.tb.Context(), http.MethodPost, "/api/bookings", iotest.ErrReader(context.DeadlineExceeded))
			r.Header.Set("Authorization", "Bearer "+session(s.tb, ada))
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			return answer{tb: s.tb, what: "a body that does not come", status: w.Code, header: w.Header(), body: w.Body.Bytes()}
		}},
		"RANGE_NOT_SATISFIABLE": {status: 416, change: aPage, ask: func(s *salon) answer {
			return s.get("", "/page.txt", "Range", "bytes=9-")
		}},
		"PRECONDITION_FAILED": {status: 412, change: aPage, ask: func(s *salon) answer {
			return s.get("", "/page.txt", "If-Match", `"another"`)
		}},
		"INTERNAL_ERROR": {status: 500, change: func(c *httpapi.Config) {
			c.Commands = broken{c.Commands, func(context.Context) error { return context.Canceled }}
		}, ask: func(s *salon) answer { return s.post(ada, "/api/bookings", wish(10)) }},
	}
}
