package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/ably/ably-go/ably"

	"github.com/royalglow/booking/publishers"
)

// TestAblysOwnClientReadsTheAnswers: it is stricter than the browser's, and asks in its own way. (The browser's is tried with the page.)
func TestAblysOwnClientReadsTheAnswers(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	id := s.book(ada, 10)
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	for _, accept := range []string{"application/json", "application/jwt", "*/*"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			client, err := ably.NewREST(
				ably.WithAuthURL(server.URL+"/api/ably/token"), ably.WithAuthMethod(method), ably.WithHTTPClient(server.Client()),
				ably.WithAuthHeaders(http.Header{"Authorization": {"Bearer " + session(t, ada)}, "Accept": {accept}}),
				ably.WithAuthParams(url.Values{"bookingId": {id}}), ably.WithLogLevel(ably.LogNone),
			)
			check(t, err)
			got, err := client.Auth.RequestToken(t.Context(), nil)
			if err != nil {
				t.Errorf("%s, accept %s: %v", method, accept, err)
				continue
			}
			if ends := s.expiry(got.Token); !ends.Equal(opening.Add(publishers.TokenTTL)) {
				t.Errorf("%s, accept %s: ends at %v", method, accept, ends)
			}
			if whole := accept != "application/jwt"; (got.ClientID == ada) != whole || (got.Expires > got.Issued) != whole {
				t.Errorf("%s, accept %s: %+v", method, accept, got)
			}
		}
	}
}
