package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// refused checks that an answer is a problem with a code, and that nothing was written.
func (s *salon) refused(a answer, before int, status int, code string) answer {
	s.tb.Helper()
	a.refused(status, code)
	if after := len(s.store.All()); after != before {
		s.tb.Errorf("%s: %d events were written", a.what, after-before)
	}
	return a
}

func TestBadRequestsAreRefusedAndWriteNothing(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	one := "/api/bookings/" + id
	tests := map[string]struct {
		as, method, path, body string
		headers                []string
		status                 int
		code                   string
		field                  string // named in fields, as pointer or parameter
	}{
		"an unknown route":              {as: desk, method: "GET", path: "/api/nothing", status: 404, code: "NOT_FOUND"},
		"an unknown page":               {method: "GET", path: "/nothing", status: 404, code: "NOT_FOUND"},
		"an unknown route with a body":  {as: desk, method: "POST", path: "/api/nothing", body: `{}`, status: 404, code: "NOT_FOUND"},
		"a path with two slashes":       {as: desk, method: "GET", path: "/api//bookings", status: 404, code: "NOT_FOUND"},
		"a path with a dot":             {as: desk, method: "GET", path: "/api/./bookings", status: 404, code: "NOT_FOUND"},
		"a path with two dots":          {as: owner, method: "PUT", path: "/api/branches/" + mitte + "/staff/..", body: `{}`, status: 404, code: "NOT_FOUND"},
		"a path that leads back":        {as: desk, method: "GET", path: "/api/x/../bookings", status: 404, code: "NOT_FOUND"},
		"a path of slashes":             {method: "GET", path: "http://salon.example//", status: 404, code: "NOT_FOUND"},
		"a slash too many":              {as: desk, method: "GET", path: "/api/bookings/", status: 404, code: "NOT_FOUND"},
		"no path":                       {as: desk, method: "GET", path: "http://salon.example", status: 404, code: "NOT_FOUND"},
		"a wrong method":                {as: desk, method: "DELETE", path: "/api/bookings", status: 405, code: "METHOD_NOT_ALLOWED"},
		"no session":                    {method: "GET", path: "/api/bookings", status: 401, code: "UNAUTHENTICATED"},
		"no session and a bad body":     {method: "POST", path: "/api/bookings", body: `{`, status: 401, code: "UNAUTHENTICATED"},
		"no body":                       {as: ada, method: "POST", path: "/api/bookings", status: 400, code: "VALIDATION_ERROR"},
		"half a body":                   {as: ada, method: "POST", path: "/api/bookings", body: `{"branchId":`, status: 400, code: "VALIDATION_ERROR"},
		"two bodies":                    {as: ada, method: "POST", path: "/api/bookings", body: wish(11) + wish(12), status: 400, code: "VALIDATION_ERROR"},
		"null for a body":               {as: owner, method: "PUT", path: "/api/branches/" + mitte + "/staff/" + bela, body: " null\n", status: 400, code: "VALIDATION_ERROR"},
		"null for a token wish":         {as: ada, method: "POST", path: "/api/ably/token", body: "null", status: 400, code: "VALIDATION_ERROR"},
		"null for an action":            {as: desk, method: "PATCH", path: one, body: "null", headers: []string{"If-Match", `"0"`}, status: 400, code: "VALIDATION_ERROR"},
		"a list for a body":             {as: ada, method: "POST", path: "/api/bookings", body: `[]`, status: 400, code: "VALIDATION_ERROR"},
		"a body that is not UTF-8":      {as: ada, method: "POST", path: "/api/bookings", body: "{\"branchId\":\"\xff\"}", status: 400, code: "VALIDATION_ERROR"},
		"another encoding":              {as: ada, method: "POST", path: "/api/bookings", body: wish(10), headers: []string{"Content-Type", "application/json; charset=utf-16"}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
		"an encoding without a name":    {as: ada, method: "POST", path: "/api/bookings", body: wish(10), headers: []string{"Content-Type", `application/json; charset=""`}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
		"a form for a body":             {as: ada, method: "POST", path: "/api/bookings", body: `a=b`, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
		"an unknown field":              {as: ada, method: "POST", path: "/api/bookings", body: with(wish(11), `"colour":"red"`), status: 400, code: "VALIDATION_ERROR", field: "/colour"},
		"an unknown field deep inside":  {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), `"serviceId"`, `"free":true,"serviceId"`, 1), status: 400, code: "VALIDATION_ERROR", field: "/services/0/free"},
		"a field twice":                 {as: ada, method: "POST", path: "/api/bookings", body: with(wish(11), `"branchId":"`+nord+`"`), status: 400, code: "VALIDATION_ERROR", field: "/branchId"},
		"a field in other letters":      {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), "branchId", "BranchID", 1), status: 400, code: "VALIDATION_ERROR", field: "/BranchID"},
		"a number for a text":           {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), `"`+mitte+`"`, "7", 1), status: 400, code: "VALIDATION_ERROR", field: "/branchId"},
		"a missing field":               {as: ada, method: "POST", path: "/api/bookings", body: `{"branchId":"` + mitte + `","services":[{"serviceId":"` + cut + `"}]}`, status: 400, code: "VALIDATION_ERROR", field: "/startAt"},
		"a time that is none":           {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), tomorrow(11), "tomorrow", 1), status: 400, code: "VALIDATION_ERROR", field: "/startAt"},
		"an instant and a time":         {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), "{", `{"startTime":"10:00",`, 1), status: 400, code: "VALIDATION_ERROR", field: "/startTime"},
		"an instant and an offset":      {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), "{", `{"utcOffset":"+02:00",`, 1), status: 400, code: "VALIDATION_ERROR", field: "/utcOffset"},
		"an id of another kind":         {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), cut, asha, 1), status: 400, code: "VALIDATION_ERROR", field: "/services/0/serviceId"},
		"a wildcard for an id":          {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), mitte, "br_*", 1), status: 400, code: "VALIDATION_ERROR", field: "/branchId"},
		"an unknown branch":             {as: ada, method: "POST", path: "/api/bookings", body: strings.Replace(wish(11), mitte, "br_nobody01", 1), status: 422, code: "BRANCH_INACTIVE"},
		"a malformed id in a path":      {as: desk, method: "GET", path: "/api/bookings/bkg_*", status: 400, code: "VALIDATION_ERROR", field: "id"},
		"another kind of id in a path":  {as: desk, method: "PATCH", path: "/api/bookings/" + asha, body: `{"action":"approve"}`, status: 400, code: "VALIDATION_ERROR", field: "id"},
		"an unknown action":             {as: desk, method: "PATCH", path: one, body: `{"action":"destroy"}`, status: 400, code: "VALIDATION_ERROR", field: "/action"},
		"no action":                     {as: desk, method: "PATCH", path: one, body: `{}`, status: 400, code: "VALIDATION_ERROR", field: "/action"},
		"an action that is no text":     {as: desk, method: "PATCH", path: one, body: `{"action":["approve"]}`, status: 400, code: "VALIDATION_ERROR", field: "/action"},
		"a field of another action":     {as: desk, method: "PATCH", path: one, body: `{"action":"approve","reason":"why not"}`, headers: []string{"If-Match", `"0"`}, status: 400, code: "VALIDATION_ERROR", field: "/reason"},
		"a rejection without a reason":  {as: desk, method: "PATCH", path: one, body: `{"action":"reject"}`, headers: []string{"If-Match", `"0"`}, status: 400, code: "VALIDATION_ERROR", field: "/reason"},
		"a reason with a NUL":           {as: ada, method: "PATCH", path: one, body: `{"action":"cancel","reason":"a\u0000b"}`, status: 400, code: "VALIDATION_ERROR", field: "/reason"},
		"a service of blanks":           {as: owner, method: "PUT", path: "/api/branches/" + mitte + "/services/" + cut, body: `{"name":"  ","durationMinutes":30,"priceMinor":1}`, status: 400, code: "VALIDATION_ERROR", field: "/name"},
		"a service written backwards":   {as: owner, method: "PUT", path: "/api/branches/" + mitte + "/services/" + cut, body: `{"name":"a\u202eb","durationMinutes":30,"priceMinor":1}`, status: 400, code: "VALIDATION_ERROR", field: "/name"},
		"a branch with a NUL":           {as: owner, method: "PUT", path: "/api/branches/br_new00001", body: `{"name":"a\u0000b","timeZone":"Europe/Berlin","currency":"EUR"}`, status: 400, code: "VALIDATION_ERROR", field: "/name"},
		"another branch's name":         {as: desk, method: "PUT", path: "/api/directory/" + nord, body: `{"name":"Ours"}`, status: 403, code: "FORBIDDEN"},
		"an empty key":                  {as: ada, method: "POST", path: "/api/bookings", body: wish(11), headers: []string{"Idempotency-Key", ""}, status: 400, code: "VALIDATION_ERROR", field: "Idempotency-Key"},
		"a key with a space":            {as: ada, method: "POST", path: "/api/bookings", body: wish(11), headers: []string{"Idempotency-Key", "a b"}, status: 400, code: "VALIDATION_ERROR", field: "Idempotency-Key"},
		"a key that is too long":        {as: ada, method: "POST", path: "/api/bookings", body: wish(11), headers: []string{"Idempotency-Key", strings.Repeat("k", 65)}, status: 400, code: "VALIDATION_ERROR", field: "Idempotency-Key"},
		"an If-Match for a new booking": {as: ada, method: "POST", path: "/api/bookings", body: wish(11), headers: []string{"If-Match", `"0"`}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"any If-Match for a new one":    {as: desk, method: "POST", path: "/api/bookings", body: wish(11), headers: []string{"If-Match", "*"}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"an empty If-Match for a new":   {as: ada, method: "POST", path: "/api/bookings", body: wish(11), headers: []string{"If-Match", ""}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"an empty If-Match":             {as: desk, method: "PATCH", path: one, body: `{"action":"approve"}`, headers: []string{"If-Match", ""}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"an If-Match without quotes":    {as: desk, method: "PATCH", path: one, body: `{"action":"approve"}`, headers: []string{"If-Match", "0"}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"a weak If-Match":               {as: desk, method: "PATCH", path: one, body: `{"action":"approve"}`, headers: []string{"If-Match", `W/"0"`}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"an If-Match for anything":      {as: desk, method: "PATCH", path: one, body: `{"action":"approve"}`, headers: []string{"If-Match", "*"}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"an If-Match with a sign":       {as: desk, method: "PATCH", path: one, body: `{"action":"approve"}`, headers: []string{"If-Match", `"+0"`}, status: 400, code: "VALIDATION_ERROR", field: "If-Match"},
		"no If-Match":                   {as: desk, method: "PATCH", path: one, body: `{"action":"approve"}`, status: 428, code: "IF_MATCH_REQUIRED"},
		"a stale If-Match":              {as: desk, method: "PATCH", path: one, body: `{"action":"approve"}`, headers: []string{"If-Match", `"7"`}, status: 412, code: "STALE_REVISION"},
		"a malformed minimum position":  {as: ada, method: "GET", path: "/api/bookings?minPosition=-1", status: 400, code: "VALIDATION_ERROR", field: "minPosition"},
		"another word for a position":   {as: ada, method: "GET", path: one + "?minPosition=now", status: 400, code: "VALIDATION_ERROR", field: "minPosition"},
		"a position with a zero before": {as: ada, method: "GET", path: one + "?minPosition=01", status: 400, code: "VALIDATION_ERROR", field: "minPosition"},
		"a position that never comes":   {as: ada, method: "GET", path: one + "?minPosition=999999999", status: 503, code: "READ_BEHIND"},
		"an unknown query parameter":    {as: ada, method: "GET", path: "/api/bookings?colour=red", status: 400, code: "VALIDATION_ERROR", field: "colour"},
		"an unknown status":             {as: ada, method: "GET", path: "/api/bookings?status=lost", status: 400, code: "VALIDATION_ERROR", field: "status"},
		"an unknown order":              {as: ada, method: "GET", path: "/api/bookings?order=price", status: 400, code: "VALIDATION_ERROR", field: "order"},
		"a limit of nothing":            {as: ada, method: "GET", path: "/api/bookings?limit=0", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"a limit with a sign":           {as: ada, method: "GET", path: "/api/bookings?limit=%2B1", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"a limit past the most":         {as: ada, method: "GET", path: "/api/bookings?limit=501", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"half an escape":                {as: ada, method: "GET", path: "/api/bookings?minPosition=%zz", status: 400, code: "VALIDATION_ERROR", field: "minPosition"},
		"half an escape in a name":      {as: ada, method: "GET", path: "/api/bookings?li%mit=3", status: 400, code: "VALIDATION_ERROR", field: "li%mit"},
		"a limit twice":                 {as: ada, method: "GET", path: "/api/bookings?limit=1&limit=2", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"a limit twice, once escaped":   {as: ada, method: "GET", path: "/api/bookings?limit=1&l%69mit=2", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"a status twice":                {as: desk, method: "GET", path: "/api/bookings?status=pending&status=rejected", status: 400, code: "VALIDATION_ERROR", field: "status"},
		"a semicolon":                   {as: ada, method: "GET", path: "/api/bookings?limit=1;status=pending", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"an empty limit":                {as: ada, method: "GET", path: "/api/bookings?limit=", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"a limit without a value":       {as: ada, method: "GET", path: "/api/bookings?limit", status: 400, code: "VALIDATION_ERROR", field: "limit"},
		"a query for a probe":           {method: "GET", path: "/readyz?x=%zz", status: 400, code: "VALIDATION_ERROR", field: "x"},
		"a cursor of nobody":            {as: ada, method: "GET", path: "/api/bookings?cursor=abc", status: 400, code: "VALIDATION_ERROR"},
		"an instant that is none":       {as: ada, method: "GET", path: "/api/bookings?from=today", status: 400, code: "VALIDATION_ERROR", field: "from"},
		"a malformed filter id":         {as: desk, method: "GET", path: "/api/bookings?branchId=x", status: 400, code: "VALIDATION_ERROR", field: "branchId"},
		"a schedule without a date":     {as: desk, method: "GET", path: "/api/schedule", status: 400, code: "VALIDATION_ERROR", field: "from"},
		"a schedule of a year":          {as: desk, method: "GET", path: "/api/schedule?from=2026-01-01&to=2026-12-31", status: 400, code: "VALIDATION_ERROR", field: "to"},
		"a schedule for a customer":     {as: ada, method: "GET", path: "/api/schedule?from=2026-01-01", status: 403, code: "FORBIDDEN"},
		"an approval by a customer":     {as: ada, method: "PATCH", path: one, body: `{"action":"approve"}`, headers: []string{"If-Match", `"0"`}, status: 403, code: "FORBIDDEN"},
		"a request by staff":            {as: worker, method: "POST", path: "/api/bookings", body: wish(11), status: 403, code: "FORBIDDEN"},
		"a branch opened by a customer": {as: ada, method: "PUT", path: "/api/branches/" + nord, body: `{"name":"x","timeZone":"Europe/Berlin","currency":"EUR"}`, status: 403, code: "FORBIDDEN"},
		"a branch in no time zone":      {as: owner, method: "PUT", path: "/api/branches/br_new00001", body: `{"name":"x","timeZone":"Mars/Base","currency":"EUR"}`, status: 400, code: "VALIDATION_ERROR", field: "/timeZone"},
		"a policy beyond its bounds":    {as: owner, method: "PUT", path: "/api/branches/br_new00001", body: `{"name":"x","timeZone":"Europe/Berlin","currency":"EUR","policy":{"activeCap":0}}`, status: 400, code: "VALIDATION_ERROR", field: "/policy/activeCap"},
		"a service for less than zero":  {as: owner, method: "PUT", path: "/api/branches/" + mitte + "/services/" + cut, body: `{"name":"x","durationMinutes":30,"priceMinor":-1}`, status: 400, code: "VALIDATION_ERROR", field: "/priceMinor"},
		"a skill that is no service":    {as: owner, method: "PUT", path: "/api/branches/" + mitte + "/staff/" + asha, body: `{"skills":["cutting"]}`, status: 400, code: "VALIDATION_ERROR", field: "/skills/0"},
		"a malformed branch id":         {as: owner, method: "PUT", path: "/api/branches/mitte", body: `{}`, status: 400, code: "VALIDATION_ERROR", field: "id"},
		"a name from a customer":        {as: ada, method: "PUT", path: "/api/directory/" + ada, body: `{"name":"Queen"}`, status: 403, code: "FORBIDDEN"},
		"a name for no id":              {as: desk, method: "PUT", path: "/api/directory/ada", body: `{"name":"Ada"}`, status: 400, code: "VALIDATION_ERROR", field: "id"},
		"a name for a booking":          {as: desk, method: "PUT", path: "/api/directory/bkg_ada00001", body: `{"name":"Ada"}`, status: 400, code: "VALIDATION_ERROR", field: "id"},
		"a name with a line break":      {as: desk, method: "PUT", path: "/api/directory/" + ada, body: `{"name":"A\nB"}`, status: 400, code: "VALIDATION_ERROR"},
		"a token for a malformed id":    {as: ada, method: "POST", path: "/api/ably/token", body: `{"bookingId":"bkg_*"}`, status: 400, code: "VALIDATION_ERROR", field: "/bookingId"},
		"a token wish with more in it":  {as: ada, method: "POST", path: "/api/ably/token", body: `{"capability":"*"}`, status: 400, code: "VALIDATION_ERROR", field: "/capability"},
		"a token for another's booking": {as: ben, method: "POST", path: "/api/ably/token", body: `{"bookingId":"` + id + `"}`, status: 404, code: "NOT_FOUND"},
		"the demo's sign-in":            {method: "GET", path: "/demo/sign-in?as=customer", status: 404, code: "NOT_FOUND"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.tb = t
			before := len(s.store.All())
			a := s.refused(s.ask(tt.as, tt.method, tt.path, tt.body, tt.headers...), before, tt.status, tt.code)
			if tt.field != "" && !a.names(tt.field) {
				t.Errorf("fields do not name %s: %s", tt.field, a.body)
			}
		})
	}
	for line := range strings.Lines(s.log.String()) {
		if !strings.Contains(line, `"msg":"realtime token refused"`) { // that one is for the audit
			t.Errorf("bad requests were logged as if they were ours: %s", line)
		}
	}
}

// names reports whether a problem names the field.
func (a answer) names(field string) bool {
	fields, _ := a.json()["fields"].([]any)
	for _, f := range fields {
		m, _ := f.(map[string]any)
		if m["message"] != "" && (m["pointer"] == field || m["parameter"] == field) {
			return true
		}
	}
	return false
}

// with adds a member to a JSON object.
func with(object, member string) string { return strings.TrimSuffix(object, "}") + "," + member + "}" }

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	a := s.ask(desk, http.MethodDelete, "/api/bookings", "").want(http.StatusMethodNotAllowed)
	if allow := a.header.Get("Allow"); !strings.Contains(allow, "POST") || !strings.Contains(allow, "GET") {
		t.Errorf("Allow: %q", allow)
	}
}

func TestABodyMayHoldOneMebibyte(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	before := len(s.store.All())
	server := httptest.NewServer(s.handler)
	defer server.Close()
	padded := func(size int) string { return wish(11) + strings.Repeat(" ", size-len(wish(11))) }
	for size, want := range map[int]int{1 << 20: http.StatusCreated, 1<<20 + 1: http.StatusRequestEntityTooLarge} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/bookings",
			strings.NewReader(padded(size)))
		check(t, err)
		r.Header.Set("Authorization", "Bearer "+session(t, ada))
		r.Header.Set("Content-Type", "application/json")
		got, err := server.Client().Do(r)
		check(t, err)
		check(t, got.Body.Close())
		if got.StatusCode != want {
			t.Errorf("a body of %d bytes: status %d, want %d", size, got.StatusCode, want)
		}
		if want != http.StatusCreated && got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("content type %q", got.Header.Get("Content-Type"))
		}
	}
	// The claim and the request of the body that fitted in.
	if wrote := len(s.store.All()) - before; wrote != 2 {
		t.Errorf("%d events were written, want 2", wrote)
	}
}

func TestAHeaderThatIsThereTwiceIsRefused(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	one := "/api/bookings/" + s.book(ada, 10)
	for name, tt := range map[string]struct {
		as, method, path, body, header, first, second string
		status                                        int
		code                                          string
	}{
		"two keys":      {ada, "POST", "/api/bookings", wish(11), "Idempotency-Key", "a", "b", 400, "VALIDATION_ERROR"},
		"one key twice": {ada, "POST", "/api/bookings", wish(11), "Idempotency-Key", "a", "a", 400, "VALIDATION_ERROR"},
		"two revisions": {desk, "PATCH", one, `{"action":"approve"}`, "If-Match", `"0"`, `"7"`, 400, "VALIDATION_ERROR"},
		"two sessions": {
			"", "GET", "/api/bookings", "", "Authorization", "Bearer " + session(t, ada), "Bearer " + session(t, owner), 401, "UNAUTHENTICATED",
		},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, strings.NewReader(tt.body))
		if tt.as != "" {
			r.Header.Set("Authorization", "Bearer "+session(t, tt.as))
		}
		r.Header.Add(tt.header, tt.first)
		r.Header.Add(tt.header, tt.second)
		a := s.refused(s.send(r), len(s.store.All()), tt.status, tt.code)
		if tt.status == http.StatusBadRequest && !a.names(tt.header) {
			t.Errorf("%s: fields do not name %s: %s", name, tt.header, a.body)
		}
	}
}
