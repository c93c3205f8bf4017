package projections

import "strings"

// withoutNUL makes a text of the log fit for a database, which takes every character but one. Commands refuse it, but what
// stands in a log already must not stop a read model for ever.
func withoutNUL(text string) string { return strings.ReplaceAll(text, "\x00", "\ufffd") }
