package ablylocal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// tokenRequest is a request for a token, signed by who holds the key or sent with
// the key itself. Numbers arrive as numbers or as strings: clients do both.
type tokenRequest struct {
	KeyName    string `json:"keyName"`
	TTL        any    `json:"ttl"` // milliseconds
	Capability string `json:"capability"`
	ClientID   string `json:"clientId"`
	Timestamp  any    `json:"timestamp"` // milliseconds since 1970
	Nonce      string `json:"nonce"`
	MAC        string `json:"mac"`
}

// requestToken answers POST /keys/{keyName}/requestToken.
func (s *Server) requestToken(r *http.Request, keyName string) (reply, *ErrorInfo) {
	now := s.cfg.Now()
	if !s.tokenRequests.allow(now, 1) {
		return reply{}, refuse(CodeTokenRate, "rate limit exceeded; request rejected (nonfatal); metric = tokenRequests.maxRate")
	}
	var req tokenRequest
	if err := readBody(r, &req); err != nil {
		return reply{}, err
	}
	if keyName != s.key.name {
		return reply{}, refuse(CodeNotFound, "no key found with name %q", keyName)
	}
	if req.KeyName != "" && req.KeyName != keyName {
		return reply{}, refuse(CodeIncompatible, "incompatible credentials: the request names another key")
	}
	if err := s.checkTokenRequest(r, req, now); err != nil {
		return reply{}, err
	}
	details, err := s.issue(req, now)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: details}, nil
}

// checkTokenRequest settles whether the request comes from a holder of the key:
// by its MAC, or by basic authentication.
func (s *Server) checkTokenRequest(r *http.Request, req tokenRequest, now time.Time) *ErrorInfo {
	if req.MAC == "" {
		_, err := s.authenticateKey(r)
		return err
	}
	ttl, err := wholeText(req.TTL, "ttl")
	if err != nil {
		return err
	}
	stamp, err := wholeText(req.Timestamp, "timestamp")
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(s.key.secret))
	mac.Write([]byte(strings.Join([]string{s.key.name, ttl, req.Capability, req.ClientID, stamp, req.Nonce, ""}, "\n")))
	given, decodeErr := base64.StdEncoding.DecodeString(req.MAC)
	if decodeErr != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return refuse(CodeWrongCredentials, "invalid credentials: the mac does not fit")
	}
	millis, parseErr := strconv.ParseInt(stamp, 10, 64)
	if parseErr != nil || now.Sub(time.UnixMilli(millis)).Abs() > timestampLeeway {
		return refuse(CodeStaleTimestamp, "timestamp not current")
	}
	if len(req.Nonce) < 16 {
		return refuse(CodeInvalidValue, "invalid nonce: want at least 16 characters")
	}
	if !s.nonces.first(req.Nonce, now) {
		return refuse(CodeNonceReplayed, "nonce value replayed")
	}
	return nil
}

// issue makes the token: what was asked for, within what the key has.
func (s *Server) issue(req tokenRequest, now time.Time) (tokenDetails, *ErrorInfo) {
	ttl := defaultTokenTTL
	text, err := wholeText(req.TTL, "ttl")
	if err != nil {
		return tokenDetails{}, err
	}
	if text != "" && text != "0" {
		millis, parseErr := strconv.ParseInt(text, 10, 64)
		if parseErr != nil || millis < 0 || millis > s.longestTTL().Milliseconds() {
			return tokenDetails{}, refuse(CodeInvalidValue, "invalid ttl: want 1 ms to %s", s.longestTTL())
		}
		ttl = time.Duration(millis) * time.Millisecond
	}
	granted := s.key.capability
	if req.Capability != "" {
		asked, parseErr := ParseCapability(req.Capability)
		if parseErr != nil {
			return tokenDetails{}, refuse(CodeInvalidValue, "invalid capability: %v", parseErr)
		}
		if granted = asked.Intersect(s.key.capability); granted.Empty() {
			return tokenDetails{}, refuse(CodeNotPermitted, "the key grants nothing of the requested capability")
		}
	}
	expires := now.Add(ttl)
	body := tokenBody{Capability: granted.String(), ClientID: req.ClientID, Issued: now.UnixMilli(), Expires: expires.UnixMilli(), Nonce: randomID(12)}
	token, sealErr := s.sealToken(body)
	if sealErr != nil {
		return tokenDetails{}, refuse(CodeInternal, "seal token: %v", sealErr)
	}
	return tokenDetails{
		Token: token, KeyName: s.key.name, Issued: now.UnixMilli(), Expires: expires.UnixMilli(),
		Capability: body.Capability, ClientID: req.ClientID,
	}, nil
}

// wholeText gives a whole number that came as a number or a string, in the text
// form that was signed; "" when it is absent.
func wholeText(v any, field string) (string, *ErrorInfo) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return strconv.FormatInt(int64(v), 10), nil
		}
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64:
		return fmt.Sprint(v), nil
	}
	return "", refuse(CodeInvalidValue, "invalid %s: want a whole number", field)
}

// longestTTL is how long a token of the key may live.
func (s *Server) longestTTL() time.Duration {
	if s.cfg.Revocable {
		return maxRevocableTTL
	}
	return maxTokenTTL
}

// wholeMillis reads a time that came as a number or a string.
func wholeMillis(text, field string) (int64, *ErrorInfo) {
	millis, err := strconv.ParseInt(text, 10, 64)
	if err != nil || millis < 0 {
		return 0, refuse(CodeInvalidValue, "invalid %s: want milliseconds since 1970", field)
	}
	return millis, nil
}
