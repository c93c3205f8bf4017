package demo_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/demo"
	"github.com/royalglow/booking/publishers"
)

// post publishes messages as one request, one array a channel in their order.
func (e *engine) post(ctx context.Context, messages []publishers.Message) error {
	type wire struct {
		Name     string         `json:"name"`
		Data     string         `json:"data"`
		Encoding string         `json:"encoding"`
		Extras   map[string]any `json:"extras"`
	}
	type spec struct {
		Channels []string `json:"channels"`
		Messages []wire   `json:"messages"`
	}
	var specs []spec
	for _, m := range messages {
		data, err := m.Data()
		if err != nil {
			return err
		}
		specs = append(specs, spec{[]string{m.Channel}, []wire{{
			Name: m.Name, Data: string(data), Encoding: "json",
			Extras: map[string]any{"headers": map[string]string{"eventId": m.EventID.String()}},
		}}})
	}
	body, err := json.Marshal(specs)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.ably.URL+"/messages", bytes.NewReader(body))
	if err != nil {
		return err
	}
	name, secret, _ := strings.Cut(e.key, ":")
	req.SetBasicAuth(name, secret)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Ably-Version", "5")
	resp, err := e.ably.Client().Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 || bytes.Contains(answer, []byte(`"error"`)) {
		return fmt.Errorf("endpoint answers %d %s", resp.StatusCode, answer)
	}
	return err
}

func (e *engine) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("PUT /api/branches/{id}", e.handle(e.putBranch))
	mux.Handle("PUT /api/branches/{id}/services/{service}", e.handle(e.putService))
	mux.Handle("PUT /api/branches/{id}/staff/{staff}", e.handle(e.putStaff))
	mux.Handle("GET /api/branches/{id}", e.handle(func(call) (any, error) { return struct{}{}, nil }))
	mux.Handle("PUT /api/directory/{id}", e.handle(func(call) (any, error) { return struct{}{}, nil }))
	mux.Handle("POST /api/bookings", e.handle(e.once(e.request)))
	mux.Handle("PATCH /api/bookings/{id}", e.handle(e.once(e.change)))
	mux.Handle("GET /api/bookings", e.handle(e.list))
	mux.Handle("GET /api/bookings/{id}", e.handle(e.read))
	mux.Handle("POST /api/ably/token", e.handle(e.token))
	return mux
}

// call is a request whose body has been read.
type call struct {
	*http.Request
	header http.Header // of the answer
	user   demo.User
	body   []byte
}

// into decodes the body strictly, as the real API does.
func (c call) into(v any) error {
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return domain.Refuse(domain.Invalid, domain.CodeValidation, "%v", err)
	}
	return nil
}

func (c call) actor() domain.Actor { return domain.Actor{UserID: c.user.ID, Role: c.user.Role} }

// handle answers with the result or the refusal; the whole engine is behind one lock.
func (e *engine) handle(f func(call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := call{Request: r, header: w.Header()}
		session, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if err == nil {
			err = json.Unmarshal(session, &c.user)
		}
		if err == nil {
			c.body, err = io.ReadAll(r.Body)
		}
		var result any
		if err == nil {
			e.mu.Lock()
			result, err = f(c)
			e.mu.Unlock()
		}
		w.Header().Set("Content-Type", "application/json")
		if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
			statuses := map[domain.Kind]int{
				domain.NotFound: 404, domain.Conflict: 409, domain.Stale: 412, domain.Unprocessable: 422, domain.Unavailable: 503,
			}
			w.WriteHeader(max(400, statuses[refusal.Kind]))
			result = map[string]any{"code": refusal.Code, "message": refusal.Message}
		} else if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			result = map[string]any{"message": err.Error()}
		}
		_ = json.NewEncoder(w).Encode(result)
	})
}

// once answers a repeated key with the first receipt, and the first commands with 503 if a test says so.
func (e *engine) once(f func(call) (any, error)) func(call) (any, error) {
	return func(c call) (any, error) {
		e.begin.Do(func() { close(e.begun) })
		if e.busyFor > 0 {
			e.busyFor--
			return nil, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "not now")
		}
		key := c.user.ID + " " + c.Header.Get("Idempotency-Key")
		if r, ok := e.receipts[key]; ok {
			return r, nil
		}
		result, err := f(c)
		if r, ok := result.(receipt); ok && err == nil {
			e.receipts[key] = r
		}
		return result, err
	}
}
