package httpapi

import (
	"github.com/royalglow/booking/commands"
)

// receiptOutput says that a command's facts are in the log.
type receiptOutput struct {
	ETag     string `header:"ETag" doc:"The revision, for If-Match."`
	Location string `header:"Location" doc:"Where the new thing can be read."`
	Body     commands.Receipt
}

func newReceiptOutput(r commands.Receipt) *receiptOutput {
	return &receiptOutput{ETag: etag(r.Revision), Body: r}
}

// options reads what goes with a command that makes something. A condition on what is not there yet can never hold (RFC 9110,
// 13.1.1, asks for 412): it is a mistake of the caller's, and is named as one.
func (k KeyInput) options() (commands.Options, error) {
	if k.ifMatchSent {
		return commands.Options{}, wrongParameter(ifMatchHeader, "is for a change of what exists: leave it out here")
	}
	return commands.Options{IdempotencyKey: k.Key}, checkKey(k.Key, k.keySent)
}

// options reads what goes with a command beside its body.
func (c CommandInput) options() (commands.Options, error) {
	if err := checkKey(c.Key, c.keySent); err != nil {
		return commands.Options{}, err
	}
	ifMatch, err := parseIfMatch(c.IfMatch, c.ifMatchSent)
	if err != nil {
		return commands.Options{}, err
	}
	return commands.Options{IdempotencyKey: c.Key, IfMatch: ifMatch}, nil
}
