package ablylocal

import (
	"encoding/base64"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// answer encodes a reply in the format that the client accepts.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, out reply) {
	as := accepted(r)
	data, err := as.encode(out.body)
	if err != nil {
		// Everything that is kept has been cleaned: this is a bug.
		s.cfg.Logger.ErrorContext(r.Context(), "answer not encoded", slog.Any("error", err))
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", as.mediaType())
	for _, link := range out.links {
		header.Add("Link", link)
	}
	if out.failed != nil {
		header.Set("X-Ably-Errorcode", strconv.Itoa(int(out.failed.Code)))
		header.Set("X-Ably-Errormessage", headerText(out.failed.Message))
	}
	w.WriteHeader(out.status)
	if _, err := w.Write(data); err != nil {
		s.cfg.Logger.DebugContext(r.Context(), "answer not sent", slog.Any("error", err))
	}
}

// answerError answers a refusal, in the body and in the headers.
func (s *Server) answerError(w http.ResponseWriter, r *http.Request, status int, err *ErrorInfo) {
	s.countRefusal(err)
	switch status {
	case statusTooMany:
		// The buckets hold a second's worth, so in a second there is room again.
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", "1")
		}
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="Ably"`)
	}
	s.answer(w, r, reply{status: status, body: errorBody{err}, failed: err})
}

// errorBody is the body of every refusal.
type errorBody struct {
	Error *ErrorInfo `json:"error"`
}

// headerText makes a message fit for a header: it may quote what a client sent.
func headerText(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, text)
}

// accepted is the format of the answer: the first of the two that the Accept
// header names, else the query's, else JSON.
func accepted(r *http.Request) format {
	for media := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		media, _, _ = strings.Cut(media, ";")
		switch strings.TrimSpace(media) {
		case formatJSON.mediaType():
			return formatJSON
		case formatMsgpack.mediaType():
			return formatMsgpack
		}
	}
	if r.URL.Query().Get("format") == "msgpack" {
		return formatMsgpack
	}
	return formatJSON
}

// allowOrigin lets a page of any origin call the endpoint and read its errors. The
// clients send credentials, so the origin is named, not wildcarded.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", "Link, Retry-After, X-Ably-Errorcode, X-Ably-Errormessage")
	if r.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		header.Set("Access-Control-Allow-Headers", "Ably-Agent, Authorization, Content-Type, X-Ably-ClientId, X-Ably-Version")
		header.Set("Access-Control-Max-Age", "600")
	}
}

// claimedClient is the client id of the X-Ably-ClientId header, which is base64.
func claimedClient(r *http.Request) (string, *ErrorInfo) {
	raw, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Ably-ClientId"))
	if err != nil {
		return "", refuse(CodeInvalidHeader, "invalid X-Ably-ClientId header: not base64")
	}
	return string(raw), nil
}
