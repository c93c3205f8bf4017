package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

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

// CommandInput is what goes with a command beside its body: its name is exported because the API library looks at no others
// when they are embedded.
type CommandInput struct {
	Key     string `header:"Idempotency-Key" doc:"1 to 64 of A-Z, a-z, 0-9, _ and -. A repeat under the same key gets the first receipt."`
	IfMatch string `header:"If-Match" doc:"The ETag on which the caller decided. The desk's changes of bookings need it." example:"\"3\""`

	keySent bool
	path    map[string]string
}

// Resolve notes whether there was a key at all (an empty one is malformed, an absent one is fine), and what the path says.
func (c *CommandInput) Resolve(ctx huma.Context) []error {
	ctx.EachHeader(func(name, _ string) {
		if http.CanonicalHeaderKey(name) == idempotencyKeyHeader {
			c.keySent = true
		}
	})
	c.path = map[string]string{}
	for _, name := range pathParameters(ctx.Operation().Path) {
		c.path[name] = ctx.Param(name)
	}
	return nil
}

// options reads the headers.
func (c CommandInput) options() (o commands.Options, faults []Field, err error) {
	o.IdempotencyKey = c.Key
	if faults, err = setAside(nil, checkKey(c.Key, c.keySent)); err != nil {
		return o, nil, err
	}
	o.IfMatch, err = parseIfMatch(c.IfMatch)
	faults, err = setAside(faults, err)
	return o, faults, err
}
