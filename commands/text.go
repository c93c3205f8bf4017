package commands

import "github.com/royalglow/booking/internal/plaintext"

// legible is the rule for every text of a command that people read.
func legible(text string, lines bool) bool { return plaintext.Legible(text, lines) }
