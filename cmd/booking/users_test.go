package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestOperatorsRevokeAUsersTokens: what the engine answers is said in words, in JSON and by the exit code.
func TestOperatorsRevokeAUsersTokens(t *testing.T) {
	t.Parallel()
	const (
		path    = "POST /api/ops/users/usr_member0001/revoke as Bearer operators-own"
		revoked = `{"userId":"usr_member0001","revoked":true,"endsBy":"2026-06-15T10:00:01Z"}`
		left    = `{"userId":"usr_member0001","revoked":false,"endsBy":"2026-06-15T10:30:00Z"}`
		refused = `{"code":"SERVICE_UNAVAILABLE","detail":"realtime is not configured"}`
		said    = "the engine refused: realtime is not configured (SERVICE_UNAVAILABLE)"
		endsBy  = "booking: not revoked: the Ably key is not revocable, and the last realtime token of usr_member0001 ends at 2026-06-15T10:30:00Z\n"
	)
	for name, c := range map[string]struct {
		status int
		answer string
		args   []string
		want   output
	}{
		"revoked":             {http.StatusOK, revoked, nil, output{exitOK, "The realtime tokens of usr_member0001 have ended.\n", ""}},
		"revoked, in JSON":    {http.StatusOK, revoked, []string{"-json"}, output{exitOK, revoked + "\n", ""}},
		"left":                {http.StatusOK, left, nil, output{exitFailed, "", endsBy}},
		"left, in JSON":       {http.StatusOK, left, []string{"--json"}, output{exitFailed, left + "\n", endsBy}},
		"no realtime":         {http.StatusServiceUnavailable, refused, nil, output{exitFailed, "", "booking: " + said + "\n"}},
		"no realtime in JSON": {http.StatusServiceUnavailable, refused, []string{"-json"}, output{exitFailed, `{"error":{"code":"SERVICE_UNAVAILABLE","message":"` + said + `"}}` + "\n", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan string, 10)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked <- r.Method + " " + r.URL.Path + " as " + r.Header.Get("Authorization")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.answer)
			}))
			defer server.Close()
			args := append([]string{"users", "revoke", "usr_member0001", "-url", server.URL}, c.args...)
			if got := runProgram(t.Context(), t, map[string]string{"BOOKING_TOKEN": "operators-own"}, args...); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			if got := await(t, asked, "a request"); got != path {
				t.Errorf("asked %q", got)
			}
		})
	}
}
