package esdbnode

import (
	"regexp"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// defaultWindow is the search window of a client that leaves it to the server.
const defaultWindow = 32

// filter chooses records of $all by stream name or event type. The nil filter chooses
// all.
type filter struct {
	byType   bool
	prefixes []string
	regex    *regexp.Regexp // nil: prefixes decide
	interval uint64         // considered records from one checkpoint to the next
}

// newFilter reads the filter of a request; it is nil when there is none. Expressions
// are Go's (RE2): what needs backtracking is refused.
func newFilter(opt *streams.ReadReq_Options_FilterOptions) (*filter, error) {
	if opt == nil {
		return nil, nil
	}
	f := &filter{}
	var expr *streams.ReadReq_Options_FilterOptions_Expression
	switch by := opt.GetFilter().(type) {
	case *streams.ReadReq_Options_FilterOptions_EventType:
		f.byType, expr = true, by.EventType
	case *streams.ReadReq_Options_FilterOptions_StreamIdentifier:
		expr = by.StreamIdentifier
	default:
		return nil, invalidArgument("The filter names neither streams nor event types.")
	}
	if err := f.setExpression(expr); err != nil {
		return nil, err
	}
	return f, f.setInterval(opt)
}

func (f *filter) setExpression(expr *streams.ReadReq_Options_FilterOptions_Expression) (err error) {
	pattern, prefixes := expr.GetRegex(), expr.GetPrefix()
	switch {
	case pattern != "" && len(prefixes) > 0:
		return invalidArgument("The filter may have a regular expression or prefixes, not both.")
	case pattern != "":
		if f.regex, err = regexp.Compile(pattern); err != nil {
			return invalidArgument("The filter's regular expression is not usable: %v", err)
		}
	case len(prefixes) > 0:
		f.prefixes = prefixes
	default:
		return invalidArgument("The filter has neither a regular expression nor prefixes.")
	}
	return nil
}

func (f *filter) setInterval(opt *streams.ReadReq_Options_FilterOptions) error {
	window := uint64(defaultWindow)
	if w, ok := opt.GetWindow().(*streams.ReadReq_Options_FilterOptions_Max); ok {
		window = uint64(w.Max)
	}
	multiplier := uint64(opt.GetCheckpointIntervalMultiplier())
	if window == 0 || multiplier == 0 {
		return invalidArgument("The filter's search window and checkpoint interval must be above zero.")
	}
	f.interval = window * multiplier // two factors of 32 bits: this fits
	return nil
}

// matches reports whether the filter chooses the record.
func (f *filter) matches(r *record) bool {
	if f == nil {
		return true
	}
	subject := r.stream
	if f.byType {
		subject = r.kind
	}
	if f.regex != nil {
		return f.regex.MatchString(subject)
	}
	for _, p := range f.prefixes {
		if strings.HasPrefix(subject, p) {
			return true
		}
	}
	return false
}
