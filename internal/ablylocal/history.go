package ablylocal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// historyQuery is what part of a channel's recent messages is asked for.
type historyQuery struct {
	forwards   bool
	limit      int
	start, end int64  // milliseconds since 1970, both included; end 0: open
	until      string // fromSerial: nothing after this channel serial
	after      string // cursor: the serial of the last message already given
}

// history answers GET /channels/{name}/messages and …/history: the messages of
// the continuity window. A channel that nobody has used has none.
func (s *Server) history(r *http.Request, name string) (reply, *ErrorInfo) {
	id, err := s.authenticate(r)
	if err != nil {
		return reply{}, err
	}
	if err := checkChannel(name); err != nil {
		return reply{}, err
	}
	if !id.capability.Allows(name, OpHistory) {
		return reply{}, refuse(CodeNotPermitted, "history of %q is not permitted with the provided capability", name)
	}
	params := r.URL.Query()
	q, err := parseHistory(params)
	if err != nil {
		return reply{}, err
	}
	page, more := []Message{}, false
	s.hub.peek(name, func(c *channel) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.forget(s.cfg.Now())
		page, more = q.page(c.recent)
	})
	out := reply{status: http.StatusOK, body: page, links: []string{pageLink(r, params, "first", "")}}
	if more {
		out.links = append(out.links, pageLink(r, params, "next", page[len(page)-1].Serial))
	}
	return out, nil
}

// parseHistory reads the parameters of both clients. What it does not know it
// ignores: clients add cache busters and the like.
func parseHistory(params url.Values) (historyQuery, *ErrorInfo) {
	q := historyQuery{limit: dfltHistoryLimit, until: params.Get("fromSerial"), after: params.Get("cursor")}
	if q.until == "" {
		q.until = params.Get("from_serial")
	}
	switch params.Get("direction") {
	case "", "backwards":
	case "forwards":
		q.forwards = true
	default:
		return q, refuse(CodeInvalidValue, "invalid direction: want forwards or backwards")
	}
	for _, number := range []struct {
		name string
		into *int64
	}{{"start", &q.start}, {"end", &q.end}} {
		text := params.Get(number.name)
		if text == "" {
			continue
		}
		value, err := strconv.ParseInt(text, 10, 64)
		if err != nil || value < 0 {
			return q, refuse(CodeInvalidValue, "invalid %s: want milliseconds since 1970", number.name)
		}
		*number.into = value
	}
	if text := params.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 || limit > maxHistoryLimit {
			return q, refuse(CodeInvalidValue, "invalid limit: want 1 to %d", maxHistoryLimit)
		}
		q.limit = limit
	}
	return q, nil
}

// page selects one page, and tells whether there are more.
func (q historyQuery) page(recent []entry) (page []Message, more bool) {
	page = []Message{}
	for _, e := range recent {
		if q.until != "" && e.serial > q.until {
			continue
		}
		for _, m := range e.messages() {
			if m.Timestamp >= q.start && (q.end == 0 || m.Timestamp <= q.end) {
				page = append(page, m)
			}
		}
	}
	if !q.forwards {
		slices.Reverse(page)
	}
	if q.after != "" {
		page = slices.DeleteFunc(page, func(m Message) bool {
			if q.forwards {
				return m.Serial <= q.after
			}
			return m.Serial >= q.after
		})
	}
	if len(page) > q.limit {
		return page[:q.limit], true
	}
	return page, false
}

// pageLink is a Link header to a page of the same query, relative to the channel
// as the clients expect.
func pageLink(r *http.Request, params url.Values, rel, cursor string) string {
	query := url.Values{}
	for _, name := range []string{"direction", "start", "end", "limit", "fromSerial", "from_serial", "format"} {
		if params.Has(name) {
			query.Set(name, params.Get(name))
		}
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	path := "./messages"
	if u := r.URL.EscapedPath(); len(u) > len("/history") && u[len(u)-len("/history"):] == "/history" {
		path = "./history"
	}
	return "<" + path + "?" + query.Encode() + `>; rel="` + rel + `"`
}
