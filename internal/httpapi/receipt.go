package httpapi

import (
	"github.com/royalglow/booking/commands"
)

// receiptOutput says that a command's facts are in the log.
type receiptOutput struct {
	ETag     string `header:"ETag" doc:"The revision, for If-Match."`
	Location string `header:"Location" doc:"Where the new thing can be read; missing where nothing is made."`
	Body     commands.Receipt
}

func newReceiptOutput(r commands.Receipt) *receiptOutput {
	return &receiptOutput{ETag: etag(r.Revision), Body: r}
}

// options reads what goes with a command that makes something. A condition on what is not there yet can never hold (RFC 9110,
// 13.1.1, asks for 412): it is a mistake of the caller's, and is named as one.
func (k *KeyInput) options() (o commands.Options, faults []Field, err error) {
	o.IdempotencyKey = k.Key
	faults, err = setAside(nil, checkKey(k.Key, k.keySent))
	if k.ifMatchSent {
		faults = append(faults, Field{Parameter: ifMatchHeader, Message: "is for a change of what exists: leave it out here"})
	}
	return o, faults, err
}

// options reads what goes with a command for something that may exist.
func (c *CommandInput) options() (o commands.Options, faults []Field, err error) {
	o.IdempotencyKey = c.Key
	if faults, err = setAside(nil, checkKey(c.Key, c.keySent)); err != nil {
		return o, nil, err
	}
	o.IfMatch, err = parseIfMatch(c.IfMatch, c.ifMatchSent)
	faults, err = setAside(faults, err)
	return o, faults, err
}
