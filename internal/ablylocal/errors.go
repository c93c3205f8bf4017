package ablylocal

import (
	"fmt"
	"net/http"
)

// Code is an Ably error code, as listed in the service's documentation.
type Code int

// The codes that this endpoint answers with.
const (
	CodeBadRequest           Code = 40000
	CodeInvalidBody          Code = 40001
	CodeInvalidValue         Code = 40003
	CodeInvalidHeader        Code = 40004
	CodeInvalidCredential    Code = 40005
	CodeMessageTooLarge      Code = 40009
	CodeInvalidChannel       Code = 40010
	CodeInvalidClientID      Code = 40012
	CodeInvalidData          Code = 40013
	CodeBatchError           Code = 40020
	CodeInvalidMessageID     Code = 40031
	CodeInvalidExtras        Code = 40032
	CodeTooManyMessages      Code = 40034
	CodeWrongCredentials     Code = 40101
	CodeIncompatible         Code = 40102
	CodeStaleTimestamp       Code = 40104
	CodeNonceReplayed        Code = 40105
	CodeConnectionLimit      Code = 40111
	CodeChannelLimit         Code = 40114
	CodeRevocationNotEnabled Code = 40121
	CodeRevokeWithOtherKey   Code = 40133
	CodeTokenRevoked         Code = 40141
	CodeTokenExpired         Code = 40142
	CodeInvalidJWT           Code = 40144
	CodeInvalidToken         Code = 40145
	CodeNotPermitted         Code = 40160
	CodeRevokeWithToken      Code = 40162
	CodeNotRevocable         Code = 40164
	CodeModeNotRequested     Code = 40165
	CodeNotFound             Code = 40400
	CodeMethodNotAllowed     Code = 40500
	CodeTokenRate            Code = 42910
	CodeConnectionInbound    Code = 42911
	CodeChannelRate          Code = 42913
	CodeChannelBandwidth     Code = 42914
	CodeAccountMessages      Code = 42917
	CodeAccountRequests      Code = 42918
	CodeConnectionAbuse      Code = 42921
	CodeInternal             Code = 50000
	CodeDisconnected         Code = 80003
	CodeConnectionExpired    Code = 80008
	CodeInvalidConnectionKey Code = 80018
	CodeOutboundRate         Code = 80020
	CodeConnectionRate       Code = 80021
	CodeInvalidChannelState  Code = 90001
	CodeMessagesExpired      Code = 90003
	CodeBacklogTooLarge      Code = 90004
	CodeTooManyChannels      Code = 90010
	CodeChannelCreationRate  Code = 90021
	CodeMutableMessages      Code = 93002
)

// status is the HTTP status that goes with a code. Most codes carry it in their
// first three digits; the exceptions are the ones the documentation states.
func (c Code) status() int {
	switch c { //nolint:exhaustive // only the exceptions to the arithmetic rule are listed
	case CodeMessageTooLarge:
		return http.StatusRequestEntityTooLarge
	case CodeConnectionLimit, CodeChannelLimit:
		return http.StatusForbidden
	case CodeBacklogTooLarge:
		return http.StatusNotFound
	case CodeConnectionRate, CodeChannelCreationRate:
		return http.StatusTooManyRequests
	}
	if status := int(c) / 100; status < 600 {
		return status
	}
	return http.StatusBadRequest
}

// ErrorInfo is an error in the form in which Ably sends it, in HTTP bodies and
// in protocol messages.
type ErrorInfo struct {
	Code       Code   `json:"code"`
	StatusCode int    `json:"statusCode"`
	Message    string `json:"message"`
	HRef       string `json:"href,omitempty"`
}

// Error gives the message with the code, for logs and tests.
func (e *ErrorInfo) Error() string { return fmt.Sprintf("%s (code %d)", e.Message, e.Code) }

// refuse builds the error of a code; the status follows from the code.
func refuse(code Code, format string, args ...any) *ErrorInfo {
	return &ErrorInfo{
		Code:       code,
		StatusCode: code.status(),
		Message:    fmt.Sprintf(format, args...),
		HRef:       fmt.Sprintf("https://help.ably.io/error/%d", code),
	}
}

// ExposedError refuses a listener that other machines can reach. The endpoint
// has no TLS and one well-known key, so that is only done on purpose.
type ExposedError struct{ Addr string }

// Error says which setting would allow the address.
func (e *ExposedError) Error() string {
	return fmt.Sprintf("listen on %s: not a loopback address; set Expose to serve other machines", e.Addr)
}

// KeyError refuses a configured API key that has not the form
// "appId.keyId:secret". It never repeats the key.
type KeyError struct{ Reason string }

// Error says what is wrong with the key.
func (e *KeyError) Error() string { return "parse api key: " + e.Reason }
