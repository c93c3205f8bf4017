package httpapi_test

import (
	"net/http"
	"testing"
)

func TestTheAnswerIsTheNameAsItIsKept(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	for _, id := range []string{ada, asha, mitte} {
		s.put(desk, "/api/directory/"+id, `{"name":"  Ada Byron "}`, "Content-Type", "application/json; charset=UTF-8").want(http.StatusOK).has("id", id, "name", "Ada Byron")
	}
	s.get(ada, "/api/session").has("name", "Ada Byron")
}
