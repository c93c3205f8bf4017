// Package httpapi is the engine's HTTP face: JSON in and out, with an OpenAPI 3.1 description that is generated from the
// same types.
//
// It promises that every answer that is not a success is application/problem+json with a stable code, whatever went wrong
// and at whatever layer; that what a caller may not see and what is not there give the same bytes; that nothing which
// does not parse completely reaches a command; and that an unexpected error is logged once and never shown.
//
// It signs nobody in: users bring a JWT from elsewhere, as a bearer token or in a cookie. It decides nothing: commands do.
// It is given its parts by cmd/booking through small interfaces, and starts no goroutine but those of [JWKS.Run], which
// its caller runs.
package httpapi
