package ablylocal

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// appDetails is what a client's integration tests learn of an application that was
// made for them: the key to use, and where.
type appDetails struct {
	AppID      string          `json:"appId"`
	Keys       []appKey        `json:"keys"`
	Namespaces json.RawMessage `json:"namespaces,omitempty"` // as asked for; they all behave alike
	Endpoint   string          `json:"endpoint"`
	Port       int             `json:"port"`
	TLS        bool            `json:"tls"`
}

// appKey is the key, whole and in parts: clients differ in what they read.
type appKey struct {
	ID         string `json:"id"`
	Value      string `json:"value"`
	KeyName    string `json:"keyName"`
	KeySecret  string `json:"keySecret"`
	KeyStr     string `json:"keyStr"`
	Capability string `json:"capability"`
	Revocable  bool   `json:"revocableTokens"`
}

// createApp answers POST /apps, with which the clients' own integration tests begin.
// There is one application, so that is what everybody gets, whatever they ask for. It
// hands out the key: not to pages, and to nobody unless Config.Provision.
func (s *Server) createApp(r *http.Request, _ string) (reply, *ErrorInfo) {
	if !s.cfg.Provision || r.Header.Get("Origin") != "" {
		return reply{}, refuse(CodeNotFound, "applications are not made here")
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return reply{}, refuse(CodeInvalidBody, "invalid request body: %v", err)
	}
	var asked struct {
		Namespaces json.RawMessage `json:"namespaces"`
	}
	if err := json.Unmarshal(data, &asked); err != nil {
		return reply{}, refuse(CodeInvalidBody, "invalid request body: %v", err)
	}
	host, portText, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, portText = r.Host, "80"
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return reply{}, refuse(CodeInvalidHeader, "invalid Host header")
	}
	key := appKey{
		ID: strings.TrimPrefix(s.key.name, s.key.app+"."), Value: s.key.secret, Capability: s.key.capability.String(),
		KeyName: s.key.name, KeySecret: s.key.secret, KeyStr: s.Key(), Revocable: s.cfg.Revocable,
	}
	return reply{status: http.StatusCreated, body: appDetails{
		AppID: s.key.app, Keys: []appKey{key}, Namespaces: asked.Namespaces, Endpoint: host, Port: port,
	}}, nil
}

// deleteApp answers DELETE /apps/{appId}, with which they end. The application stays,
// but without what nobody holds on to any more: messages, and the ids that were seen.
// So the next one to be given it finds it empty.
func (s *Server) deleteApp(r *http.Request, appID string) (reply, *ErrorInfo) {
	if _, err := s.authenticateKey(r); err != nil {
		return reply{}, err
	}
	if !s.cfg.Provision || appID != s.key.app {
		return reply{}, refuse(CodeNotFound, "no application found with id %q", appID)
	}
	s.hub.clear()
	return reply{status: http.StatusOK, body: struct{}{}}, nil
}
