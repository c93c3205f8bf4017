package ablylocal

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// reply is a REST answer before it is encoded.
type reply struct {
	status int
	body   any
	links  []string   // values of Link headers
	failed *ErrorInfo // named in the headers although the body says more

	retryAfter string // of a refusal by a fault
	reset      bool   // by a fault: the connection ends in place of an answer
}

// serve is the whole endpoint.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.counts.requests.Add(1)
	allowOrigin(w, r)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if r.URL.Path == "/" && strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.serveSocket(w, r)
		return
	}
	// Token requests have a limit of their own.
	if !strings.HasPrefix(r.URL.Path, "/keys/") && !s.requests.allow(s.cfg.Now(), 1) {
		s.answerError(w, r, statusTooMany, refuse(CodeAccountRequests, "rate limit exceeded; request rejected (nonfatal); metric = apiRequests.maxRate; permitted rate = %d", s.table.requests))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
	out, err := s.route(r)
	switch {
	case err != nil:
		if out.retryAfter != "" {
			w.Header().Set("Retry-After", out.retryAfter)
		}
		s.answerError(w, r, err.StatusCode, err)
	case out.reset:
		reset(w)
	default:
		s.answer(w, r, out)
	}
}

// route finds who answers. Paths are split before they are unescaped, because a
// channel's name may hold anything.
func (s *Server) route(r *http.Request) (reply, *ErrorInfo) {
	parts := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	for i, part := range parts {
		name, err := url.PathUnescape(part)
		if err != nil {
			return reply{}, refuse(CodeBadRequest, "malformed path")
		}
		parts[i] = name
	}
	if len(parts) == 2 && parts[0] == "apps" && r.Method == http.MethodDelete {
		return s.deleteApp(r, parts[1])
	}
	type route struct{ method, first, last string }
	for _, known := range []struct {
		route
		parts  int
		handle func(r *http.Request, name string) (reply, *ErrorInfo)
	}{
		{route{http.MethodGet, "time", "time"}, 1, s.time},
		{route{http.MethodGet, "stats", "stats"}, 1, s.stats},
		{route{http.MethodPost, "apps", "apps"}, 1, s.createApp},
		{route{http.MethodPost, "messages", "messages"}, 1, s.publishBatch},
		{route{http.MethodPost, "channels", "messages"}, 3, s.publishChannel},
		{route{http.MethodGet, "channels", "messages"}, 3, s.history},
		{route{http.MethodGet, "channels", "history"}, 3, s.history},
		{route{http.MethodPost, "keys", "requestToken"}, 3, s.requestToken},
		{route{http.MethodPost, "keys", "revokeTokens"}, 3, s.revokeTokens},
	} {
		if len(parts) == known.parts && known.route == (route{r.Method, parts[0], parts[len(parts)-1]}) {
			return known.handle(r, parts[min(1, len(parts)-1)])
		}
	}
	return reply{}, refuse(CodeNotFound, "no such operation: %s %s", r.Method, r.URL.Path)
}

// time answers GET /time: the clock of the endpoint in milliseconds.
func (s *Server) time(*http.Request, string) (reply, *ErrorInfo) {
	return reply{status: http.StatusOK, body: []int64{s.cfg.Now().UnixMilli()}}, nil
}

// stats answers GET /stats: none are kept. Clients use it to try a credential.
func (s *Server) stats(r *http.Request, _ string) (reply, *ErrorInfo) {
	if _, err := s.authenticate(r); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: []struct{}{}}, nil
}

// publishChannel answers POST /channels/{name}/messages.
func (s *Server) publishChannel(r *http.Request, name string) (reply, *ErrorInfo) {
	who, err := s.restPublisher(r)
	if err != nil {
		return reply{}, err
	}
	var messages oneOrMany[Message]
	if err := readBody(r, &messages); err != nil {
		return reply{}, err
	}
	return s.underFault(r, []string{name}, func(f PublishFault) (reply, *ErrorInfo) {
		result, err := s.publishTo(who, name, messages, f)
		if err != nil {
			return reply{}, err
		}
		return reply{status: http.StatusCreated, body: result}, nil
	})
}

// channelResult is what a publish to one channel answers.
type channelResult struct {
	Channel   string     `json:"channel"`
	MessageID string     `json:"messageId,omitempty"`
	Serials   []string   `json:"serials,omitempty"`
	Error     *ErrorInfo `json:"error,omitempty"`
}

// publishTo prepares and accepts one atomic publish.
func (s *Server) publishTo(who publisher, channel string, messages []Message, f PublishFault) (channelResult, *ErrorInfo) {
	p, err := who.prepare(channel, messages)
	if err != nil {
		return channelResult{}, err
	}
	p.forgotten = f.Kind == FaultForgotten
	done, err := s.accept(p, s.cfg.Now())
	if err != nil {
		return channelResult{}, err
	}
	return channelResult{Channel: channel, MessageID: done.messageID, Serials: done.serials}, nil
}

// restPublisher settles who publishes by REST. With a key, a header may name the
// client that the messages are from.
func (s *Server) restPublisher(r *http.Request) (publisher, *ErrorInfo) {
	id, err := s.authenticate(r)
	if err != nil {
		return publisher{}, err
	}
	claimed, err := claimedClient(r)
	if err != nil {
		return publisher{}, err
	}
	clientID, err := id.clientOf(claimed)
	if err != nil {
		return publisher{}, err
	}
	return publisher{identity: id, clientID: clientID}, nil
}

// readBody reads a request's body in the format that it declares.
func readBody(r *http.Request, v any) *ErrorInfo {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return refuse(CodeInvalidHeader, "invalid Content-Type header")
	}
	var in format
	switch media {
	case formatJSON.mediaType():
		in = formatJSON
	case formatMsgpack.mediaType():
		in = formatMsgpack
	default:
		return refuse(CodeInvalidHeader, "unsupported Content-Type %q: want %s or %s", media, formatJSON.mediaType(), formatMsgpack.mediaType())
	}
	data, err := io.ReadAll(r.Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(CodeMessageTooLarge, "maximum request length exceeded: limit %d bytes", maxBodyBytes)
	}
	if err != nil {
		return refuse(CodeInvalidBody, "invalid request body: %v", err)
	}
	if err := in.decode(data, v); err != nil {
		return refuse(CodeInvalidBody, "invalid request body: %v", err)
	}
	return nil
}

// protocolVersion is the version whose answers the client understands.
func protocolVersion(r *http.Request) int {
	text := r.Header.Get("X-Ably-Version")
	if text == "" {
		text = r.URL.Query().Get("v")
	}
	// Old versions are like 1.2; the part before the dot decides.
	text, _, _ = strings.Cut(text, ".")
	version, err := strconv.Atoi(text)
	if err != nil {
		return latestVersion // a hand-made request gets the present form
	}
	return version
}

const latestVersion = 6
