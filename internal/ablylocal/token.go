package ablylocal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// tokenBody is what a token of this endpoint says. Tokens carry their own contents
// under a MAC, so that none need be kept.
type tokenBody struct {
	Capability string `json:"c"`
	ClientID   string `json:"u,omitempty"`
	Issued     int64  `json:"i"` // milliseconds since 1970
	Expires    int64  `json:"e"` // milliseconds since 1970
	Nonce      string `json:"n"`
}

// tokenDetails is the answer to a token request; times in milliseconds since 1970.
type tokenDetails struct {
	Token      string `json:"token"`
	KeyName    string `json:"keyName"`
	Issued     int64  `json:"issued"`
	Expires    int64  `json:"expires"`
	Capability string `json:"capability"`
	ClientID   string `json:"clientId,omitempty"`
}

// sealToken makes a token: "<appId>.<base64url of body and MAC>".
func (s *Server) sealToken(b tokenBody) (string, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	return s.key.app + "." + base64.RawURLEncoding.EncodeToString(append(body, s.tokenMAC(body)...)), nil
}

// openToken checks a token that sealToken made.
func (s *Server) openToken(token string) (identity, *ErrorInfo) {
	app, text, _ := strings.Cut(token, ".")
	if app != s.key.app {
		return identity{}, refuse(CodeNotFound, "no application found with id %q", app)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(sealed) < sha256.Size {
		return identity{}, refuse(CodeInvalidToken, "invalid token")
	}
	body, mac := sealed[:len(sealed)-sha256.Size], sealed[len(sealed)-sha256.Size:]
	var b tokenBody
	if !hmac.Equal(mac, s.tokenMAC(body)) || json.Unmarshal(body, &b) != nil {
		return identity{}, refuse(CodeInvalidToken, "invalid token")
	}
	c, err := ParseCapability(b.Capability)
	if err != nil {
		return identity{}, refuse(CodeInvalidToken, "invalid token")
	}
	id := identity{
		clientID: b.ClientID, capability: c, resources: c.resources(),
		issued: time.UnixMilli(b.Issued), expires: time.UnixMilli(b.Expires),
	}
	if id.expired(s.cfg.Now()) {
		return identity{}, refuse(CodeTokenExpired, "token expired")
	}
	return id, nil
}

// tokenMAC seals a token's body. The prefix keeps these MACs apart from those of
// token requests, which the same secret signs.
func (s *Server) tokenMAC(body []byte) []byte {
	mac := hmac.New(sha256.New, []byte("token\n"+s.key.secret))
	mac.Write(body)
	return mac.Sum(nil)
}
